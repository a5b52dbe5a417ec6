"""GraphQL beyond one query: pages of a large answer, lists that were cut, answers as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from gen3submit.commons.transactions import text
from gen3submit.errors import UsageProblem
from gen3submit.messages import querying as words
from gen3submit.project import ProjectId

DEFAULT_LIMIT = 10
"""How many entries a list has that does not ask for more (``first: 0`` asks for all)."""
PAGE = 5_000
"""Records asked for at once: about a second's work for ten properties."""

_FIELD = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


class CommonsLike(Protocol):
    """What is asked of a commons here."""

    def query(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data that a GraphQL query gives."""


def records(
    commons: CommonsLike, project: str | ProjectId, node: str, fields: Sequence[str], *, page: int = PAGE
) -> Iterator[dict[str, Any]]:
    """Fields of every record of a node type, fetched page by page in the order of their ids.

    Args:
        commons: where the records are.
        project: the project; an unknown one, or one that the caller may not read, has no records.
        node: the node type.
        fields: properties; ``link.property`` for those of parents and children.
        page: how many records to ask for at once.

    Raises:
        UsageProblem: a name that GraphQL cannot have.
        QueryRefused: the node type or a field is not there.
        CommonsProblem: the commons cannot be asked.
    """
    parts = [name for field in fields for name in field.split(".")]
    for name in (node, *parts):
        if not _FIELD.fullmatch(name):
            raise UsageProblem(words.bad_name(name))
    where = f'project_id: {text(str(ProjectId.parse(project)))}, order_by_asc: "id", first: {page}'
    wanted = _selection(["id", *fields])
    offset = 0
    while True:
        rows = commons.query(f"{{{node}({where}, offset: {offset}) {wanted}}}").get(node)
        found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        for row in found:
            yield {field: _at(row, field.split(".")) for field in fields}
        if len(found) < page:
            return
        offset += page


def cut_lists(query: str, data: Any) -> list[str]:
    """The lists of an answer that were probably cut at the default limit: exactly so long, and no limit asked for."""
    import graphql  # noqa: PLC0415  heavy, and only needed here

    try:
        document = graphql.parse(query, no_location=True, max_tokens=20_000)
    except (graphql.GraphQLError, RecursionError):
        return []
    fragments = {
        definition.name.value: definition.selection_set
        for definition in document.definitions
        if isinstance(definition, graphql.FragmentDefinitionNode)
    }
    found: dict[str, None] = {}
    for definition in document.definitions:
        if isinstance(definition, graphql.OperationDefinitionNode):
            _look(definition.selection_set, data, "", fragments, found, 0)
    return list(found)


def rows(data: Mapping[str, Any]) -> dict[str, tuple[list[str], list[list[Any]]]]:
    """The answer to a query as tables: for each root its columns and cells.

    Objects in objects become columns with a dot; lists of objects with one field become lists; anything deeper stays
    as it is.
    """
    found = {}
    for root, value in data.items():
        listed = value if isinstance(value, list) else [value]
        flat = [_flat(each) for each in listed]
        columns = list(dict.fromkeys(column for row in flat for column in row))
        found[root] = (columns, [[row.get(column) for column in columns] for row in flat])
    return found


def _selection(fields: Sequence[str]) -> str:
    """The fields as a selection set, those of one link together; a list inside takes all."""
    plain: dict[str, None] = {}
    nested: dict[str, list[str]] = {}
    for field in fields:
        name, dot, rest = field.partition(".")
        if dot:
            nested.setdefault(name, []).append(rest)
        else:
            plain[name] = None
    inner = [f"{name}(first: 0) {_selection(below)}" for name, below in nested.items()]
    return "{" + " ".join([*plain, *inner]) + "}"


def _at(value: Any, path: Sequence[str]) -> Any:
    """What stands at the end of a path; a list of it where there are several on the way."""
    for number, name in enumerate(path):
        if isinstance(value, list):
            return [_at(item, path[number:]) for item in value]
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _flat(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {"value": value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            found |= {f"{name}.{below}": each for below, each in _flat(inner).items()}
        elif isinstance(inner, list) and inner and all(isinstance(item, Mapping) and len(item) == 1 for item in inner):
            (key,) = inner[0]
            found[f"{name}.{key}"] = [item.get(key) for item in inner]
        else:
            found[name] = inner
    return found


def _look(
    selections: Any, data: Any, path: str, fragments: Mapping[str, Any], found: dict[str, None], depth: int
) -> None:
    if selections is None or depth > 50:
        return
    for selection in selections.selections:
        if selection.kind == "field":
            name = selection.alias.value if selection.alias else selection.name.value
            value = data.get(name) if isinstance(data, Mapping) else None
            where = f"{path}.{name}" if path else name
            limited = any(argument.name.value in ("first", "last") for argument in selection.arguments or ())
            if isinstance(value, list) and len(value) == DEFAULT_LIMIT and not limited and selection.selection_set:
                found[where] = None
            for item in value if isinstance(value, list) else [value]:
                _look(selection.selection_set, item, where, fragments, found, depth + 1)
        elif selection.kind == "fragment_spread":
            _look(fragments.get(selection.name.value), data, path, fragments, found, depth + 1)
        else:
            _look(selection.selection_set, data, path, fragments, found, depth + 1)
