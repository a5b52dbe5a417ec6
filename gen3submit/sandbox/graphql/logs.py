"""The transaction log in GraphQL: ``transaction_log(...)`` and what is below it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLObjectType,
    GraphQLString,
)

from gen3submit.rules.bodies import read_json
from gen3submit.rules.columns import DocumentRefused
from gen3submit.sandbox.graphql.records import DEFAULT_LIMIT, QueryError
from gen3submit.sandbox.log import TYPES, Entry, LoggedDocument, Snapshot
from gen3submit.sandbox.services import Services

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    Info = GraphQLResolveInfo[Any]  # graphql-core 3.2 takes no type here

SORTABLE = {
    "id": "id",
    "submitter": "submitter",
    "role": "role",
    "program": "program",
    "project": "project",
    "created_datetime": "created",
    "project_id": "program || '-' || project",
}
"""Columns by which the log can be ordered; other names are ignored."""

_AS_THE_DATABASE_HAS_THEM = "state = 'PENDING', id"  # changed entries do not stay where they were


def arguments() -> dict[str, GraphQLArgument]:
    """The arguments of ``transaction_log`` and its count."""
    texts, several = GraphQLString, GraphQLList(GraphQLString)
    types: dict[str, Any] = {
        "id": GraphQLID,
        "type": texts,
        "quick_search": GraphQLID,
        "project_id": several,
        "project": texts,
        "program": texts,
        "order_by_asc": texts,
        "order_by_desc": texts,
        "related_cases": several,
        "first": GraphQLInt,
        "last": GraphQLInt,
        "offset": GraphQLInt,
        "entities": several,
        "is_dry_run": GraphQLBoolean,
        "closed": GraphQLBoolean,
        "committable": GraphQLBoolean,
        "state": texts,
        "committed_by": GraphQLID,
    }
    return {name: GraphQLArgument(type_) for name, type_ in types.items()}


class Logs:
    """Answers the questions of queries about the log."""

    def __init__(self, services: Services):
        self._services = services
        self.type = self._log_type()

    def field(self) -> GraphQLField:
        """``transaction_log(...)``."""
        return GraphQLField(GraphQLList(self.type), arguments(), lambda _source, _info, **given: self.entries(given))

    def count_field(self) -> GraphQLField:
        """``_transaction_log_count(...)``."""
        return GraphQLField(GraphQLInt, arguments(), lambda _source, _info, **given: self.count(given))

    def entries(self, given: Mapping[str, Any]) -> list[Entry]:
        """The entries that the arguments mean; 10 unless told otherwise."""
        condition, values = self._condition(given)
        order = [
            f"{SORTABLE[given[name]]}{direction}"
            for name, direction in (("order_by_asc", ""), ("order_by_desc", " DESC"))
            if given.get(name) in SORTABLE
        ]
        if "last" in given:  # the newest, unless another order comes first
            if given["last"] < 0:
                raise QueryError("(psycopg2.errors.InvalidRowCountInLimitClause) LIMIT must not be negative\n")
            order.append("id DESC")
            limit = given["last"]
        else:
            limit = given.get("first", DEFAULT_LIMIT)
            limit = limit if limit > 0 else -1
        return self._services.log.entries(
            condition,
            values,
            ", ".join(order) or _AS_THE_DATABASE_HAS_THEM,
            f"LIMIT {int(limit)} OFFSET {max(0, int(given.get('offset', 0)))}",
        )

    def count(self, given: Mapping[str, Any]) -> int:
        """How many there are, but no more than ``first``."""
        condition, values = self._condition(given)
        found = len(self._services.log.entries(condition, values))
        return min(found, given["first"]) if "first" in given else found

    def _condition(self, given: Mapping[str, Any]) -> tuple[str, list[Any]]:
        readable = json.dumps(self._services.project_ids())
        conditions = ["program || '-' || project IN (SELECT value FROM json_each(?))"]
        values: list[Any] = [readable]

        def where(condition: str, *more: Any) -> None:
            conditions.append(condition)
            values.extend(more)

        for name in ("id", "committed_by"):
            if name in given:
                where(f"{name} = ?", _number(given[name]))
        for entity in given.get("entities") or ():
            _number(entity)
        if "entities" in given:
            where("0")  # it compares with the numbers of snapshots, which no record has
        if "related_cases" in given:
            where("0")
        if "quick_search" in given:
            text = given["quick_search"]
            where("id = ?", int(text) if text.isdecimal() else -1)
        for name, column in (("state", "state"), ("project", "project"), ("program", "program")):
            if name in given:
                where(f"{column} = ?", given[name])
        for name, column in (("is_dry_run", "dry_run"), ("closed", "closed")):
            if name in given:
                where(f"{column} = ?", int(given[name]))
        if "committable" in given:
            committable = "(dry_run AND state = 'SUCCEEDED' AND NOT closed AND committed_by IS NULL)"
            where(committable if given["committable"] else f"NOT {committable}")
        if "project_id" in given:
            where("program || '-' || project IN (SELECT value FROM json_each(?))", json.dumps(given["project_id"]))
        if "type" in given:
            roles = [role for role, type_ in TYPES.items() if type_ == given["type"]] or [given["type"]]
            where("role IN (SELECT value FROM json_each(?))", json.dumps(roles))
        return " AND ".join(conditions), values

    def _log_type(self) -> GraphQLObjectType:
        def entry(type_: Any, resolve: Callable[[Entry], Any]) -> GraphQLField:
            return GraphQLField(type_, resolve=lambda source, _info: resolve(source))

        text, log = GraphQLString, self._services.log
        return GraphQLObjectType(
            "TransactionLog",
            {
                "id": entry(GraphQLID, lambda each: str(each.id)),
                "is_dry_run": entry(GraphQLBoolean, lambda each: each.dry_run),
                "closed": entry(GraphQLBoolean, lambda each: each.closed),
                "committed_by": entry(GraphQLID, lambda each: each.committed_by and str(each.committed_by)),
                "state": entry(text, lambda each: each.state),
                "type": entry(text, lambda each: each.type),
                "quick_search": entry(GraphQLID, lambda _: None),
                "submitter": entry(text, lambda each: each.submitter),
                "role": entry(text, lambda each: each.role),
                "program": entry(text, lambda each: each.program),
                "project": entry(text, lambda each: each.project),
                "created_datetime": entry(text, lambda each: each.created),
                "canonical_json": entry(text, self._canonical),
                "project_id": entry(text, lambda each: each.project_id),
                "snapshots": entry(GraphQLList(self._snapshot_type()), lambda each: log.snapshots(each.id)),
                "documents": entry(GraphQLList(_document_type()), lambda each: log.documents(each.id)),
                "related_cases": entry(GraphQLList(_RELATED_CASES), lambda _: []),
            },
        )

    def _snapshot_type(self) -> GraphQLObjectType:
        def snapshot(type_: Any, resolve: Callable[[Snapshot], Any]) -> GraphQLField:
            return GraphQLField(type_, resolve=lambda source, _info: resolve(source))

        return GraphQLObjectType(
            "TransactionSnapshot",
            {
                "id": snapshot(GraphQLID, lambda each: str(each.id)),
                "transaction_id": snapshot(GraphQLInt, lambda each: each.entry),
                "action": snapshot(GraphQLString, lambda each: each.action),
                "old_props": snapshot(GraphQLString, lambda each: self._properties(each.type, each.old)),
                "new_props": snapshot(GraphQLString, lambda each: self._properties(each.type, each.new)),
            },
        )

    def _properties(self, type_: str, text: str | None) -> str:
        """A record's properties, nulls too, as Python text in the order in which PostgreSQL keeps JSON."""
        if text is None:
            return "{}"
        node = self._services.dictionary.nodes.get(type_)
        names = [name for name in node.properties if name not in ("id", "type")] if node else []
        return repr(_database_order({**dict.fromkeys(names), **json.loads(text)}))

    def _canonical(self, entry: Entry) -> str:
        """The documents as they were read, as Python text."""
        documents: list[Any] = []
        for logged in self._services.log.documents(entry.id):
            try:
                if logged.format == "json":
                    documents += read_json(logged.body)
                elif logged.format != "N/A":
                    documents += self._services.reader.read(logged.body, logged.format).documents
            except DocumentRefused:
                continue
        return repr(_database_order(documents))


def failing_fields(type_: GraphQLObjectType) -> dict[str, GraphQLField]:
    """The log of a record: it compares the record's id with a number, and always fails."""

    def fail(source: Any, _info: Info, **_given: Any) -> None:
        _number(source.record.id)

    return {
        "_transaction_logs_count": GraphQLField(GraphQLInt, arguments(), fail),
        "_transaction_logs": GraphQLField(GraphQLList(type_), arguments(), fail),
    }


def _number(text: Any) -> int:
    try:
        return int(text)
    except ValueError:
        raise QueryError(
            f'(psycopg2.errors.InvalidTextRepresentation) invalid input syntax for type integer: "{text}"\n'
        ) from None


def _database_order(value: Any) -> Any:
    """PostgreSQL keeps the keys of JSON objects by length, then by letters."""
    if isinstance(value, dict):
        return {name: _database_order(value[name]) for name in sorted(value, key=lambda name: (len(name), name))}
    return [_database_order(item) for item in value] if isinstance(value, list) else value


_RELATED_CASES = GraphQLObjectType(
    "TransactionResponseEntityRelatedCases",
    {"id": GraphQLField(GraphQLString), "submitter_id": GraphQLField(GraphQLString)},
)


def _document_type() -> GraphQLObjectType:
    def logged(type_: Any, resolve: Callable[[LoggedDocument], Any]) -> GraphQLField:
        return GraphQLField(type_, resolve=lambda source, _info: resolve(source))

    return GraphQLObjectType(
        "TransactionDocument",
        {
            "id": logged(GraphQLID, lambda each: str(each.id)),
            "transaction_id": logged(GraphQLID, lambda each: str(each.entry)),
            "doc_format": logged(GraphQLString, lambda each: each.format),
            "doc": logged(GraphQLString, lambda each: each.body),
            "doc_size": logged(GraphQLInt, lambda each: each.size),
            "name": logged(GraphQLString, lambda each: each.name),
            "response_json": logged(GraphQLString, lambda each: each.response),
            "response": logged(_response_type(), lambda each: json.loads(each.response)),
        },
    )


def _item(type_: Any, name: str, change: Callable[[Any], Any] = lambda value: value) -> GraphQLField:
    def resolve(source: dict[str, Any], _info: Info) -> Any:
        return change(source.get(name))

    return GraphQLField(type_, resolve=resolve)


def _whole(value: Any) -> Any:
    """As the declared number; the list of transactional errors, which is none, fails here."""
    return None if value is None else int(value)


def _response_type() -> GraphQLObjectType:
    generic = GraphQLObjectType(
        "GenericEntity", {"id": _item(GraphQLString, "id"), "type": _item(GraphQLString, "type")}
    )
    error = GraphQLObjectType(
        "TransactionResponseError",
        {
            "keys": _item(GraphQLList(GraphQLString), "keys"),
            "dependents": _item(GraphQLList(generic), "dependents", lambda value: value or []),
            "message": _item(GraphQLString, "message"),
            "type": _item(GraphQLString, "type"),
        },
    )
    entity = GraphQLObjectType(
        "TransactionResponseEntity",
        {
            "valid": _item(GraphQLBoolean, "valid"),
            "action": _item(GraphQLString, "action"),
            "type": _item(GraphQLString, "type"),
            "id": _item(GraphQLString, "id"),
            "unique_keys": _item(GraphQLString, "unique_keys", json.dumps),
            "related_cases": _item(GraphQLList(_RELATED_CASES), "related_cases", lambda value: value or []),
            "errors": _item(GraphQLList(error), "errors"),
            "warnings": _item(GraphQLString, "warnings", json.dumps),
        },
    )
    numbers = (
        "entity_error_count",
        "transactional_error_count",
        "code",
        "transactional_errors",
        "created_entity_count",
        "updated_entity_count",
        "released_entity_count",
        "cases_related_to_updated_entities_count",
        "cases_related_to_created_entities_count",
    )
    return GraphQLObjectType(
        "TransactionResponse",
        {
            "transaction_id": _item(GraphQLID, "transaction_id", lambda value: value and str(value)),
            "success": _item(GraphQLBoolean, "success"),
            "message": _item(GraphQLString, "message"),
            "entities": _item(GraphQLList(entity), "entities"),
            **{name: _item(GraphQLInt, name, _whole) for name in numbers},
        },
    )
