"""Templates: empty tables with the columns that a node type's records may have, those that are required first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gen3submit.dictionary.model import Node
from gen3submit.errors import UsageProblem
from gen3submit.explain import LinkExplanation, NodeExplanation, PropertyExplanation, explain
from gen3submit.messages import templates as words

__all__ = ["Column", "Template", "template"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a template."""

    name: str
    required: bool
    need: str
    """``yes``, ``no``, or what a group of links asks for."""
    kind: str
    """What a cell holds, in words."""
    allowed: tuple[str, ...]
    """The texts to choose from; empty where there is no such list."""
    is_strict: bool
    """Whether nothing else than one of `allowed` may stand in a cell."""
    description: str


@dataclass(frozen=True, slots=True)
class Template:
    """An empty table of a node type."""

    node: str
    title: str
    description: str
    columns: tuple[Column, ...]

    def header(self, *, mark_required: bool = False) -> list[str]:
        """The names of the columns.

        Args:
            mark_required: with an asterisk before those that are required; the server takes it away.
        """
        return [f"*{column.name}" if mark_required and column.required else column.name for column in self.columns]

    def tsv(self, *, mark_required: bool = False) -> str:
        """The header line of a TSV file."""
        return "\t".join(self.header(mark_required=mark_required)) + "\n"


def template(nodes: Mapping[str, Node], node_id: str) -> Template:
    """The template of a node type.

    Args:
        nodes: the node types by id; a `Dictionary` is that.
        node_id: the node type.

    Raises:
        UsageProblem: there is no such node type, or its records do not go into a project.
    """
    if node_id not in nodes:
        from gen3submit.checking.nearest import nearest  # noqa: PLC0415  # brings the checker; only a wrong name needs it

        raise UsageProblem(words.no_such_node(node_id, nearest(node_id, list(nodes), 3)))
    told = explain(nodes, node_id)
    if not isinstance(told, NodeExplanation):  # a finding code of the same name
        raise UsageProblem(words.no_such_node(node_id, []))
    if not told.submittable:
        raise UsageProblem(words.not_submittable(node_id))
    properties = [_property(each) for each in (*told.required, *told.optional)]
    links = [_link(each) for each in told.links]
    first = [_type(node_id), *(column for column in properties if column.name == "submitter_id")]
    rest = [*links, *(column for column in properties if column.name != "submitter_id")]
    rest.sort(key=lambda column: not column.required)
    return Template(node_id, told.title, told.description, (*first, *rest))


def _type(node_id: str) -> Column:
    return Column("type", True, words.YES, words.always(node_id), (node_id,), True, words.TYPE)


def _property(told: PropertyExplanation) -> Column:
    declared = told.types[0] if told.types else None
    allowed = tuple(str(value) for value in told.allowed if isinstance(value, str))
    if declared == "boolean":
        allowed = ("true", "false")
    is_strict = bool(allowed) and declared != "array" and not told.alternatives
    need = words.YES if told.required else words.NO
    return Column(told.name, told.required, need, words.kind(told), allowed, is_strict, told.description)


def _link(told: LinkExplanation) -> Column:
    required = told.required or told.group_required
    need = told.group or (words.YES if told.required else words.NO)
    return Column(told.column, required, need, words.parent(told), (), False, words.about_parent(told))
