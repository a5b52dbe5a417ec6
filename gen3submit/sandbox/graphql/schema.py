"""The GraphQL schema of a dictionary, as Peregrine makes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    SelectionSetNode,
    introspection_from_schema,
    validate_schema,
)

from gen3submit.dictionary import Node, Property
from gen3submit.rules.store import Record
from gen3submit.sandbox.answers import json_answer
from gen3submit.sandbox.auth import require_token
from gen3submit.sandbox.graphql import logs, query
from gen3submit.sandbox.graphql.paths import Step
from gen3submit.sandbox.graphql.records import DEFAULT_LIMIT, Records
from gen3submit.sandbox.services import Services

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo
    from werkzeug.wrappers import Request, Response

    Info = GraphQLResolveInfo[Any]  # graphql-core 3.2 takes no type here

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_SCALARS: dict[str, GraphQLScalarType] = {
    "boolean": GraphQLBoolean,
    "number": GraphQLFloat,
    "integer": GraphQLFloat,
}
_LINK_KEYS = ("name", "backref", "label", "target_type", "multiplicity", "required")
"""The order in which dictionaries write a link; the served form has lost it."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A record of which only some properties were read from the database."""

    record: Record
    asked: frozenset[str]
    """Those that the query names, in itself or in a named fragment: what an inline fragment names is missing."""


class Schema:
    """Answers GraphQL requests for one dictionary."""

    def __init__(self, services: Services):
        self._services = services
        self._records = Records(services)
        self._nodes = {name: node for name, node in services.dictionary.nodes.items() if _NAME.fullmatch(name)}
        self._logs = logs.Logs(services)
        self._interface = GraphQLInterfaceType("Node", self._shared_fields(), resolve_type=_type_name)
        self._path_input = self._path_input_type()
        self._arguments = {name: self._arguments_of(node) for name, node in self._nodes.items()}
        self._types = {name: self._type_of(node) for name, node in self._nodes.items()}
        self.schema = GraphQLSchema(self._root(), types=[*self._types.values()])
        validate_schema(self.schema)  # it remembers the outcome, for which the first query would wait
        self._introspection: Response | None = None

    def answer(self, request: Request) -> Response:
        """``POST /graphql``."""
        require_token(request, self._services.tokens)
        return query.answer(self.schema, request)

    def introspection(self) -> Response:
        """``GET /getschema``."""
        if self._introspection is None:
            self._introspection = json_answer(
                {"data": introspection_from_schema(self.schema)},
                headers={"Content-Disposition": "inline; filename=schema.json"},
            )
        return self._introspection

    def _root(self) -> GraphQLObjectType:
        fields: dict[str, GraphQLField] = {}
        for name, node in self._nodes.items():
            fields[name] = GraphQLField(
                GraphQLList(self._types[name]),
                self._arguments[name],
                self._listing(partial(self._records.of_type, node)),
            )
            fields[f"_{name}_count"] = GraphQLField(
                GraphQLInt, self._arguments[name], _counting(partial(self._records.count, node))
            )
        fields["node"] = GraphQLField(
            GraphQLList(self._interface), self._interface_arguments(), self._listing(self._records.any_type)
        )
        fields["datanode"] = self._datanode()
        fields["_node_type"] = self._node_type()
        fields["transaction_log"] = self._logs.field()
        fields["_transaction_log_count"] = self._logs.count_field()
        root: GraphQLObjectType

        def all_fields() -> dict[str, GraphQLField]:
            return {**fields, "viewer": GraphQLField(root, resolve=lambda *_: True)}

        root = GraphQLObjectType("Root", all_fields)
        return root

    def _type_of(self, node: Node) -> GraphQLObjectType:
        def fields() -> dict[str, GraphQLField]:
            found = self._shared_fields()
            for name, declared in _graphql_properties(node).items():
                found[name] = GraphQLField(_type(declared), resolve=_property(name))
            if node.id == "project":
                found["project_id"] = GraphQLField(GraphQLString, resolve=self._project_id)
            steps = self._records.steps[node.id]
            for name, step in steps.items():
                if step.target in self._types and _NAME.fullmatch(name):
                    found[name] = GraphQLField(
                        GraphQLList(self._types[step.target]),
                        self._arguments[step.target],
                        self._linked(step),
                    )
            for name, step in steps.items():
                if step.target in self._types and _NAME.fullmatch(name):
                    found[f"_{name}_count"] = GraphQLField(
                        GraphQLInt, self._arguments[node.id], self._count_linked(step)
                    )
            found.update(logs.failing_fields(self._logs.type))
            found["_links"] = GraphQLField(
                GraphQLList(self._interface),
                {name: each for name, each in self._interface_arguments().items() if name != "of_type"},
                self._all_linked,
            )
            return found

        return GraphQLObjectType(node.id, fields, interfaces=[self._interface])

    def _shared_fields(self) -> dict[str, GraphQLField]:
        found = {
            "id": GraphQLField(GraphQLID, resolve=lambda source, _info: source.record.id),
            "type": GraphQLField(GraphQLString, resolve=lambda source, _info: source.record.type),
        }
        for name in ("submitter_id", "project_id", "created_datetime", "updated_datetime"):
            found[name] = GraphQLField(GraphQLString, resolve=_property(name))
        return found

    def _arguments_of(self, node: Node) -> dict[str, GraphQLArgument]:
        found = _base_arguments()
        several = GraphQLList(GraphQLString)
        for name in ("with_links", "with_links_any", "without_links"):
            found[name] = GraphQLArgument(several)
        for name in ("with_path_to", "with_path_to_any", "without_path_to"):
            found[name] = GraphQLArgument(GraphQLList(self._path_input))
        properties = _graphql_properties(node)
        for name, declared in properties.items():
            found[name] = GraphQLArgument(GraphQLList(_scalar(declared)))
        if node.id == "project":
            found["project_id"] = GraphQLArgument(several)
        excluded = {name: GraphQLInputField(_type(declared)) for name, declared in properties.items()}
        if excluded:
            found["not"] = GraphQLArgument(
                GraphQLList(GraphQLInputObjectType(f"NotPropertiesInput_{node.id}", excluded))
            )
        return found

    def _path_input_type(self) -> GraphQLInputObjectType:
        fields = {"id": GraphQLInputField(GraphQLString), "type": GraphQLInputField(GraphQLNonNull(GraphQLString))}
        for node in self._nodes.values():
            for name, declared in _graphql_properties(node).items():
                fields.setdefault(name, GraphQLInputField(_type(declared)))
        return GraphQLInputObjectType("WithPathToInput", fields)

    def _interface_arguments(self) -> dict[str, GraphQLArgument]:
        return {
            **_base_arguments(),
            "of_type": GraphQLArgument(GraphQLList(GraphQLString)),
            "project_id": GraphQLArgument(GraphQLString),
            "submitter_id": GraphQLArgument(GraphQLString),
            "category": GraphQLArgument(GraphQLString),
        }

    def _datanode(self) -> GraphQLField:
        """The data-file types together, with the properties that all of them have."""
        files = [node for node in self._nodes.values() if node.is_file]
        shared = set.intersection(*(set(_graphql_properties(node)) for node in files)) if files else set()
        declared = {name: files[0].properties[name] for name in files[0].properties if name in shared} if files else {}
        fields = self._shared_fields()
        for name, each in declared.items():
            fields[name] = GraphQLField(_type(each), resolve=_property(name))
        given = {name: GraphQLArgument(_scalar(each)) for name, each in declared.items()}
        given = {**_base_arguments(), **given, "of_type": GraphQLArgument(GraphQLList(GraphQLString))}
        given.setdefault("project_id", GraphQLArgument(GraphQLString))
        return GraphQLField(
            GraphQLList(GraphQLObjectType("DataNode", fields)), given, self._listing(self._records.data_files)
        )

    def _node_type(self) -> GraphQLField:
        """The parts of the node types' own schemas, as Python text."""
        keys = dict.fromkeys(key for node in self._nodes.values() for key in node.schema if _NAME.fullmatch(str(key)))
        type_ = GraphQLObjectType(
            "NodeType",
            {key: GraphQLField(GraphQLID if key == "id" else GraphQLString, resolve=_schema_part(key)) for key in keys},
        )
        given = {key: GraphQLArgument(GraphQLString) for key in keys}
        given["first"] = GraphQLArgument(GraphQLInt, DEFAULT_LIMIT)
        given["order_by_asc"] = given["order_by_desc"] = GraphQLArgument(GraphQLString)
        return GraphQLField(GraphQLList(type_), given, self._node_types)

    def _node_types(self, _source: object, _info: Info, first: int, **given: Any) -> list[Mapping[str, Any]]:
        ascending, descending = given.pop("order_by_asc", None), given.pop("order_by_desc", None)
        found = [
            node.schema
            for node in self._nodes.values()
            if all(_part(node.schema, key) == wanted for key, wanted in given.items())
        ]
        for key, reverse in ((descending, True), (ascending, False)):
            if key is not None:
                found.sort(key=lambda schema: _part(schema, key) or "", reverse=reverse)
        return found[:first] if first > 0 else found

    def _listing(self, find: Callable[[dict[str, Any]], list[Record]]) -> Callable[..., list[_Loaded]]:
        def resolve(_source: object, info: Info, **given: Any) -> list[_Loaded]:
            return _loaded(find(given), info)

        return resolve

    def _linked(self, step: Step) -> Callable[..., list[_Loaded]]:
        def resolve(source: _Loaded, info: Info, **given: Any) -> list[_Loaded]:
            return _loaded(self._records.linked(source.record, step, given), info)

        return resolve

    def _count_linked(self, step: Step) -> Callable[..., int]:
        def resolve(source: _Loaded, _info: Info, **given: Any) -> int:
            return self._records.count_linked(source.record, step, given)

        return resolve

    def _all_linked(self, source: _Loaded, info: Info, **given: Any) -> list[_Loaded]:
        return _loaded(self._records.all_linked(source.record, given), info)

    def _project_id(self, source: _Loaded, _info: Info) -> str:
        return f"{self._records.program_of(source.record)}-{source.record.properties.get('code')}"


def _base_arguments() -> dict[str, GraphQLArgument]:
    found = {"id": GraphQLArgument(GraphQLString), "ids": GraphQLArgument(GraphQLList(GraphQLString))}
    for name in (
        "quick_search",
        "created_before",
        "created_after",
        "updated_before",
        "updated_after",
        "order_by_asc",
        "order_by_desc",
    ):
        found[name] = GraphQLArgument(GraphQLString)
    found["first"] = GraphQLArgument(GraphQLInt, DEFAULT_LIMIT)
    found["offset"] = GraphQLArgument(GraphQLInt)
    return found


def _graphql_properties(node: Node) -> dict[str, Property]:
    return {
        name: declared
        for name, declared in node.properties.items()
        if name not in ("id", "type") and _NAME.fullmatch(name)
    }


def _scalar(declared: Property) -> GraphQLScalarType:
    return _SCALARS.get(declared.types[0], GraphQLString) if declared.types else GraphQLString


def _type(declared: Property) -> Any:
    return GraphQLList(GraphQLString) if declared.types[:1] == ("array",) else _scalar(declared)


def _property(name: str) -> Callable[[_Loaded, Info], Any]:
    def resolve(source: _Loaded, _info: Info) -> Any:
        if name not in source.asked:
            return None
        value = source.record.properties.get(name)
        return str(value) if isinstance(value, dict) else value

    return resolve


def _schema_part(key: str) -> Callable[[Mapping[str, Any], Info], str | None]:
    def resolve(source: Mapping[str, Any], _info: Info) -> str | None:
        return _part(source, key)

    return resolve


def _part(schema: Mapping[str, Any], key: str) -> str | None:
    value = schema.get(key)
    if key == "links":
        value = [_customary(link) for link in value or ()]
    return None if value is None else str(value)


def _customary(link: Any) -> Any:
    if not isinstance(link, Mapping):
        return link
    names = [*(name for name in _LINK_KEYS if name in link), *(name for name in link if name not in _LINK_KEYS)]
    return {name: [_customary(each) for each in link[name]] if name == "subgroup" else link[name] for name in names}


def _counting(count: Callable[[dict[str, Any]], int | None]) -> Callable[..., int | None]:
    return lambda _source, _info, **given: count(given)


def _type_name(source: _Loaded, *_: object) -> str:
    return source.record.type


def _loaded(records: Iterable[Record], info: Info) -> list[_Loaded]:
    asked = frozenset(name for node in info.field_nodes[:1] for name in _asked(node.selection_set, info))
    return [_Loaded(record, asked) for record in records]


def _asked(selections: SelectionSetNode | None, info: Info) -> Iterable[str]:
    for selection in selections.selections if selections else ():
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, FragmentSpreadNode):
            yield from _asked(info.fragments[selection.name.value].selection_set, info)
