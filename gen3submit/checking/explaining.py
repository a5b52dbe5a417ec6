"""From the errors that Sheepdog would record to findings: what is wrong in the user's own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gen3submit.checking.nearest import nearest
from gen3submit.checking.structure import link_columns
from gen3submit.dictionary.model import LinkGroup, Node
from gen3submit.findings import Finding, Severity
from gen3submit.rules.errors import EntityError
from gen3submit.rules.store import Record

_BOUNDS = {"minimum": "minimum", "maximum": "maximum", "minLength": "minimum length", "maxLength": "maximum length"}
MOST_COMPARED = 30_000
"""How many pairs of a wrong value and an allowed one are compared in a check."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A row as its file spells it."""

    header: Sequence[str]
    columns: Mapping[str, int]
    """Cleaned column name to index of the cell."""
    cells: Sequence[str | None]

    def column(self, name: str) -> str | None:
        """The header's spelling of a column; of a link, its first column."""
        index = self.columns.get(name)
        if index is None:
            index = next((i for key, i in self.columns.items() if key.startswith(f"{name}.")), None)
        return None if index is None else self.header[index]

    def text(self, name: str) -> str | None:
        """The text of the cell of a column; of a link, of its first column; None where there is no cell."""
        index = self.columns.get(name)
        if index is None:
            index = next((i for key, i in self.columns.items() if key.startswith(f"{name}.")), None)
        return None if index is None else self.cells[index]


class Explainer:
    """Makes findings of server errors; equal mistakes become equal findings."""

    def __init__(self, nodes: Mapping[str, Node], most_compared: int = MOST_COMPARED):
        self._nodes = nodes
        self._compared_left = most_compared
        self._similar: dict[tuple[str, str, str], list[str]] = {}
        self._allowed: dict[tuple[str, str], list[str]] = {}

    def findings(self, error: EntityError, node: Node, row: Cells) -> Iterator[Finding]:
        """The findings of one error of a row of `node`: one, or one a column for unknown columns."""
        explain = _BY_RULE.get(error.rule)
        if explain is not None:
            yield explain(self, error, node, row)
        elif error.rule == "additionalProperties":
            yield from self._unknown_columns(error, node, row)
        elif error.detail.get("path"):
            yield self._value(error, node, row)
        elif error.rule == "required":
            yield self._missing(error, node, row)
        else:
            yield self._finding(error, node, "schema-violation")

    def _finding(self, error: EntityError, node: Node, code: str, **more: Any) -> Finding:
        return Finding(
            code,
            Severity.ERROR,
            column=more.pop("column", None),
            property=more.pop("property", None),
            value=more.pop("value", None),
            node=node.id,
            facts=more,
            server_type=error.type,
            keys=error.keys,
            server_words=(error.words, error.rest),
            detail=error.message if code == "schema-violation" else "",
        )

    def _value(self, error: EntityError, node: Node, row: Cells) -> Finding:
        name = str(error.detail["path"][0])
        text = row.text(name)
        place = {"column": row.column(name), "property": name, "value": (text or "").strip()}
        value, expected = error.detail["value"], error.detail["expected"]
        link = node.links_by_name.get(name)
        if link is not None:
            return self._finding(error, node, "link-value-malformed", **place, link=name, target=link.target)
        if value is None and error.rule in ("type", "enum", "anyOf", "oneOf"):
            return self._finding(error, node, "required-cell-empty", **place)
        if error.rule == "enum":
            return self._not_allowed(error, node, place, list(expected))
        if error.rule == "type":
            types = [expected] if isinstance(expected, str) else list(expected)
            return self._finding(error, node, "wrong-type", **place, expected=types)
        if error.rule == "pattern":
            return self._finding(error, node, "pattern-mismatch", **place, pattern=expected)
        if error.rule in _BOUNDS:
            relation = _BOUNDS[error.rule]
            if error.detail["schema"].get(f"exclusive{error.rule.title()}") is True:
                relation = f"exclusive {relation}"
            return self._finding(error, node, "out-of-range", **place, relation=relation, bound=expected)
        if error.rule == "format":
            return self._finding(error, node, "bad-format", **place, format=expected)
        if error.rule in ("anyOf", "oneOf"):
            allowed = _enum_arms(expected)
            if allowed is not None:
                return self._not_allowed(error, node, place, allowed)
            arms = error.message.partition(": ")[2].split(" and ")
            return self._finding(error, node, "no-alternative", **place, alternatives=arms)
        return self._finding(error, node, "schema-violation", **place)

    def _not_allowed(self, error: EntityError, node: Node, place: dict[str, Any], allowed: list[Any]) -> Finding:
        key = (node.id, place["property"])
        if key not in self._allowed:
            self._allowed[key] = [str(value) for value in allowed if value is not None]
        finding = self._finding(error, node, "value-not-allowed", **place, allowed=self._allowed[key], similar=None)
        return self.with_similar(finding)

    def with_similar(self, finding: Finding) -> Finding:
        """The finding of a value that is not allowed, with the allowed one that is nearest."""
        near = self._near(str(finding.node), str(finding.property), str(finding.value), finding.facts["allowed"])
        return replace(finding, facts={**finding.facts, "similar": near[0]}) if near else finding

    def _near(self, node_id: str, name: str, written: str, there: Sequence[str], count: int = 1) -> list[str]:
        key = (node_id, name, written)
        if key not in self._similar:
            if self._compared_left < len(there):
                return []
            self._compared_left -= len(there)
            self._similar[key] = nearest(written, there, count)
        return self._similar[key]

    def _unknown_columns(self, error: EntityError, node: Node, row: Cells) -> Iterator[Finding]:
        known = self.column_names(node)
        properties = node.schema["properties"]
        for name in error.detail["value"]:
            if name in properties:
                continue
            column = row.column(name)
            if name == "urls" and node.is_file:
                yield self._finding(error, node, "urls-cell-empty", column=column, property=name, value="")
                continue
            similar = self._near(node.id, "", name, known, 3)
            yield self._finding(
                error, node, "unknown-column", column=column, property=name, similar=similar, known=known
            )

    def column_names(self, node: Node) -> list[str]:
        """Every column that a table of this node type may have."""
        return [*node.properties, *link_columns(node).values()]

    def _missing(self, error: EntityError, node: Node, row: Cells) -> Finding:
        name = error.message.split("'")[1]
        column = row.column(name)
        if column is not None:  # the column is there; the row ends before it
            return self._finding(error, node, "required-cell-empty", column=column, property=name)
        return self._finding(error, node, "required-column-missing", property=name)

    def _link(self, error: EntityError, node: Node, row: Cells, code: str) -> Finding:
        name = error.detail["link"]
        reference = error.detail.get("reference") or {}
        key = next((key for key in reference if f"{name}.{key}" in row.columns), None)
        column = row.column(f"{name}.{key}" if key else name)
        value = str(reference[key]) if key else None
        target = node.links_by_name[name].target
        return self._finding(error, node, code, column=column, property=name, value=value, link=name, target=target)

    def _plain(self, error: EntityError, node: Node, row: Cells, code: str) -> Finding:
        name = error.keys[0] if error.keys else None
        column = row.column(name) if name else None
        text = row.text(name) if name else None
        return self._finding(error, node, code, column=column, property=name, value=text)


_Explain = Callable[[Explainer, EntityError, Node, Cells], Finding]


def _plainly(code: str) -> _Explain:
    return lambda explainer, error, node, row: explainer._plain(error, node, row, code)  # same module


def _as_link(code: str) -> _Explain:
    return lambda explainer, error, node, row: explainer._link(error, node, row, code)  # same module


def _link_required(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    name = error.detail["link"]
    target = node.links_by_name[name].target
    return explainer._finding(  # same module
        error, node, "link-required", column=row.column(name), property=name, link=name, target=target
    )


def _group(code: str) -> _Explain:
    def explain(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
        group: LinkGroup = error.detail["group"]
        members = [link.name for link in group.links()]
        there = [name for name in members if row.column(name)]
        name = next((name for name in there if row.text(name)), next(iter(there), members[0]))
        return explainer._finding(  # same module
            error, node, code, column=row.column(name), property=name, value=row.text(name) or None, members=members
        )

    return explain


def _name(record: Record) -> str:
    return str(record.properties.get("submitter_id") or record.properties.get("code") or record.id)


def _too_many(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    name = error.detail["link"]
    link = node.links_by_name[name]
    parents, held = ([_name(parent) for parent in error.detail[which]] for which in ("parents", "held"))
    return explainer._finding(  # same module
        error,
        node,
        "too-many-parents",
        column=row.column(name),
        property=name,
        value=row.text(name),
        link=name,
        multiplicity=link.multiplicity,
        parents=parents,
        held=held,
    )


def _taken(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    name = error.detail["link"]
    link = node.links_by_name[name]
    own = (row.text("submitter_id") or "").strip()
    children = map(_name, error.detail["children"])
    others = sorted(child for child in children if child != own)
    parent = error.detail["parent"]
    return explainer._finding(  # same module
        error,
        node,
        "parent-taken",
        column=row.column(name),
        property=name,
        value=row.text(name),
        link=name,
        target=link.target,
        multiplicity=link.multiplicity,
        parent=_name(parent),
        others=others,
    )


def _system_property(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    name = error.keys[0]
    code = "project-id-wrong" if name == "project_id" else "schema-violation"
    return explainer._finding(  # same module
        error,
        node,
        code,
        column=row.column(name),
        property=name,
        value=row.text(name),
        expected=error.detail["expected"],
    )


def _missing_parent(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    code = "project-link-wrong" if error.detail["target"] == "project" else "parent-missing"
    return explainer._link(error, node, row, code)  # same module


def _project_link(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    target = node.links_by_name[error.detail["link"]].target
    code = "project-link-wrong" if target == "project" else "parent-in-other-project"
    return explainer._link(error, node, row, code)  # same module


def _not_submittable(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    return explainer._finding(  # same module
        error, node, "type-not-submittable", column=row.column("type"), property="type", value=node.id
    )


def _already_there(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    """A new ``id`` for a record that is there under another one: nothing else makes a PUT say this."""
    column = row.column("id") or row.column("submitter_id")
    value = (row.text("submitter_id") or "").strip() or None
    return explainer._finding(  # same module
        error, node, "already-exists", column=column, property="id", value=value, by_id=row.column("id") is not None
    )


def _several(explainer: Explainer, error: EntityError, node: Node, row: Cells) -> Finding:
    text = (row.text("submitter_id") or "").strip()
    code = "several-records" if text and text != "null" else "submitter-id-empty"
    return explainer._finding(  # same module
        error, node, code, column=row.column("submitter_id"), property="submitter_id", value=text, outcome="several"
    )


_BY_RULE: Mapping[str, _Explain] = {
    "already-exists": _already_there,
    "database-clash": _plainly("server-failure"),
    "file-mismatch": _plainly("file-mismatch"),
    "file-state": _plainly("file-state-locked"),
    "id-not-uuid": _plainly("pattern-mismatch"),
    "link-destination-missing": _missing_parent,
    "link-destination-unclear": _as_link("parent-ambiguous"),
    "link-group-missing": _group("link-group-required"),
    "link-missing": _link_required,
    "link-parent-taken": _taken,
    "link-to-other-project": _project_link,
    "link-too-many": _too_many,
    "links-exclusive": _group("links-exclusive"),
    "no-unique-key": _plainly("no-unique-key"),
    "not-an-object": _plainly("schema-violation"),
    "other-project": _plainly("other-project"),
    "several-records": _several,
    "system-property-changed": _system_property,
    "type-not-submittable": _not_submittable,
    "unknown-property": _plainly("unknown-column"),
}


def _enum_arms(arms: Sequence[Any]) -> list[Any] | None:
    """The allowed values where every arm of a oneOf or anyOf is a list of values (or null); else None."""
    allowed: list[Any] = []
    for arm in arms:
        if isinstance(arm, Mapping) and "enum" in arm:
            allowed += arm["enum"]
        elif not isinstance(arm, Mapping) or arm.get("type") != "null":
            return None
    return allowed
