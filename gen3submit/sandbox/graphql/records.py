"""Which records a query means: the filters, orders and limits of Peregrine, traps included."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gen3submit.dictionary import Node
from gen3submit.rules.store import Record
from gen3submit.sandbox.graphql.paths import Step, Walk, steps
from gen3submit.sandbox.services import Services

DEFAULT_LIMIT = 10
NO_NODE_TYPE = "'NoneType' object has no attribute 'label'"


class QueryError(Exception):
    """Raised when a query fails while it is carried out; `str()` is the error's text."""


class Records:
    """Answers the questions of queries about records."""

    def __init__(self, services: Services):
        self._services = services
        self._store = services.store
        self.nodes = services.dictionary.nodes
        self.steps = steps(self.nodes)

    def of_type(self, node: Node, arguments: Mapping[str, Any]) -> list[Record]:
        """The records of a root field ``<type>(...)``."""
        return limited(self.filtered(node, arguments, self._base(node, arguments)), arguments)

    def count(self, node: Node, arguments: Mapping[str, Any]) -> int | None:
        """``_<type>_count(...)``: whatever the limit, except that a limit of 0 makes it null.

        With ``with_path_to`` it counts ways and not records: Peregrine forgets to count each record once.
        """
        if arguments.get("first") == 0:
            return None
        if arguments.keys() <= {"project_id", "first"} and arguments.get("project_id") and node.is_submittable:
            return self._store.count(node.id, self._visible(arguments))
        found = self.filtered(node, arguments, self._base(node, arguments))
        numbers = dict.fromkeys((record.id for record in found), 1)
        for entry in arguments.get("with_path_to") or ():
            ways = self._leading(node, found, entry)
            numbers = {id_: number * ways[id_] for id_, number in numbers.items()}
        return sum(numbers.values())

    def linked(self, record: Record, step: Step, arguments: Mapping[str, Any]) -> list[Record]:
        """The records of a nested link or backref."""
        return limited(self._neighbours(record, step, arguments), arguments)

    def count_linked(self, record: Record, step: Step, arguments: Mapping[str, Any]) -> int:
        """``_<link>_count(...)``."""
        return len(self._neighbours(record, step, arguments))

    def all_linked(self, record: Record, arguments: Mapping[str, Any]) -> list[Record]:
        """``_links(...)``: children and parents of any type."""
        above, below = self._store.neighbours(record)
        found = [each for _, each in (*below, *above) if self.nodes[each.type].is_submittable]
        return self._narrowed(found, arguments)

    def any_type(self, arguments: Mapping[str, Any]) -> list[Record]:
        """``node(...)``: records of every type that belongs to a project."""
        of_type = arguments.get("of_type")
        for name in of_type or ():
            if name not in self.nodes:
                raise QueryError(NO_NODE_TYPE)
        wanted = (
            list(dict.fromkeys(of_type)) if of_type else [name for name in self.nodes if name in self._store.types()]
        )
        found: list[Record] = []
        for name in wanted:
            node = self.nodes[name]
            category = arguments.get("category")
            if node.is_submittable and (category is None or node.category == category):
                found += self._base(node, arguments)
        found = self._narrowed(found, arguments)
        if not of_type:  # the order is lost where types are named
            found = ordered(found, arguments, "node", ("id",))
        return limited(found, arguments)

    def data_files(self, arguments: Mapping[str, Any]) -> list[Record]:
        """``datanode(...)``: records of every data-file type, the limit counting for each type."""
        wanted = arguments.get("of_type")
        found: list[Record] = []
        for node in self.nodes.values():
            if node.is_file and (wanted is None or node.id in wanted):
                found += limited(self.filtered(node, arguments, self._base(node, arguments)), arguments)
        return found

    def program_of(self, project: Record) -> str:
        """The name of a project's program."""
        owners = self._store.parents(project, "programs")
        return str(owners[0].properties.get("name")) if owners else ""

    def filtered(self, node: Node, arguments: Mapping[str, Any], records: list[Record]) -> list[Record]:
        """Those of the records that all filters let pass, in the order that is asked for."""
        for name, wanted in arguments.items():
            if name in node.properties and name not in ("id", "type"):
                records = [record for record in records if _matches(node, record, name, wanted)]
        for excluded in arguments.get("not") or ():
            for name, wanted in list(excluded.items())[:1]:  # only the first property counts
                texts = set(map(_text, wanted if isinstance(wanted, list) else [wanted]))
                records = [
                    record
                    for record in records
                    if record.properties.get(name) is not None and _text(record.properties[name]) not in texts
                ]
        records = self._narrowed(records, arguments)
        records = self._with_links(node, records, arguments)
        records = self._with_paths(node, records, arguments)
        if node.id == "project" and "project_id" in arguments:
            wanted_ids = set(arguments["project_id"])
            records = [
                record
                for record in records
                if f"{self.program_of(record)}-{record.properties.get('code')}" in wanted_ids
            ]
        return ordered(records, arguments, node.id, {*node.properties, "id"})

    def _visible(self, arguments: Mapping[str, Any]) -> Sequence[str]:
        """The projects of which records may be seen and are asked for."""
        asked = _listed(arguments.get("project_id"))
        return [each for each in self._services.project_ids() if asked is None or each in asked]

    def _base(self, node: Node, arguments: Mapping[str, Any]) -> list[Record]:
        """The records that may be seen, narrowed by what has an index."""
        ids = _listed(arguments.get("ids"))
        if arguments.get("id") is not None:
            ids = [arguments["id"]] if ids is None or arguments["id"] in ids else []
        if not node.is_submittable:
            return self._store.select(node.id, ids=ids)
        asked = _listed(arguments.get("project_id"))
        project_ids = self._visible(arguments)
        submitter_ids = _listed(arguments.get("submitter_id")) if asked is not None else None
        found = self._store.select(node.id, project_ids=project_ids, ids=ids, submitter_ids=submitter_ids)
        if submitter_ids is None and (wanted := _listed(arguments.get("submitter_id"))) is not None:
            submitter_ids = wanted
        if submitter_ids is not None:  # to the letter, although the index is not
            exact = set(submitter_ids)
            found = [record for record in found if record.properties.get("submitter_id") in exact]
        return found

    def _neighbours(self, record: Record, step: Step, arguments: Mapping[str, Any]) -> list[Record]:
        if step.upwards:
            found = self._store.parents(record, step.link)
        else:
            found = self._store.children(record, step.child_type, step.link)
        target = self.nodes[step.target]
        ids = _listed(arguments.get("ids"))
        if ids is not None:
            found = [each for each in found if each.id in ids]
        if arguments.get("id") is not None:
            found = [each for each in found if each.id == arguments["id"]]
        return self.filtered(target, arguments, found)

    def _narrowed(self, records: list[Record], arguments: Mapping[str, Any]) -> list[Record]:
        """The filters that every kind of record knows."""
        if arguments.get("quick_search") is not None:
            phrase = arguments["quick_search"].lower()
            records = [
                record
                for record in records
                if phrase in record.id.lower() or phrase in str(record.properties.get("submitter_id") or "").lower()
            ]
        for name, column, later in (
            ("created_after", "created_datetime", True),
            ("created_before", "created_datetime", False),
            ("updated_after", "updated_datetime", True),
            ("updated_before", "updated_datetime", False),
        ):
            if arguments.get(name) is not None:
                moment = _moment(arguments[name])
                records = [
                    record for record in records if _is_beyond(record.properties.get(column), moment, later=later)
                ]
        return records

    def _with_links(self, node: Node, records: list[Record], arguments: Mapping[str, Any]) -> list[Record]:
        for name in arguments.get("with_links") or ():
            linked = self._linked_ids(node, name)
            records = [record for record in records if record.id in linked]
        any_of = arguments.get("with_links_any")
        if any_of:
            linked = set().union(*(self._linked_ids(node, name) for name in any_of))
            records = [record for record in records if record.id in linked]
        for name in arguments.get("without_links") or ():
            linked = self._linked_ids(node, name)
            records = [record for record in records if record.id not in linked]
        return records

    def _linked_ids(self, node: Node, name: str) -> set[str]:
        step = self.steps[node.id].get(name)
        if step is None:
            raise QueryError(f"Invalid link name '{name}'")
        edges = self._store.edges(step.child_type, step.link)
        return {child if step.upwards else parent for child, parent in edges}

    def _with_paths(self, node: Node, records: list[Record], arguments: Mapping[str, Any]) -> list[Record]:
        for entry in arguments.get("with_path_to") or ():
            leading = self._leading(node, records, entry)
            records = [record for record in records if record.id in leading]
        any_of = arguments.get("with_path_to_any")
        if any_of is not None:
            anywhere = set().union(*(self._leading(node, records, entry) for entry in any_of))
            records = [record for record in records if record.id in anywhere]
        left = arguments.get("without_path_to")
        if left is not None:
            everywhere = {record.id for record in records}
            for entry in left:
                everywhere &= self._leading(node, records, entry).keys()
            records = [record for record in records if record.id not in everywhere]
        return records

    def _leading(self, node: Node, records: Iterable[Record], entry: Mapping[str, Any]) -> Counter[str]:
        """The ids of the records from which ways lead to a record as `entry` describes it, and how many."""
        wanted = {name: value for name, value in entry.items() if name != "type"}
        end = entry["type"]
        if end not in self.nodes:
            return Counter()

        def matches(ids: set[str]) -> set[str]:
            if not wanted:
                return ids
            return {record.id for record in self._store.select(end, ids=ids) if _contains(record, wanted)}

        return Walk(self._store, self.nodes, self.steps).sources(
            node.id, {record.id for record in records}, end, matches
        )


def limited(records: list[Record], arguments: Mapping[str, Any]) -> list[Record]:
    """The page that ``first`` and ``offset`` ask for."""
    offset, limit = arguments.get("offset") or 0, arguments.get("first", DEFAULT_LIMIT)
    if offset > 0:
        records = records[offset:]
    return records[:limit] if limit is not None and limit > 0 else records


def ordered(records: list[Record], arguments: Mapping[str, Any], type_: str, known: Iterable[str]) -> list[Record]:
    """In the order that ``order_by_asc`` and ``order_by_desc`` ask for."""
    for argument in ("order_by_desc", "order_by_asc"):  # ascending counts first
        key = arguments.get(argument)
        if key is None or key == "type":
            continue
        if key not in known:
            raise QueryError(f"Cannot order by {key} on {type_}")
        records = sorted(records, key=lambda record: _order(record, key), reverse=argument == "order_by_desc")
    return records


def _order(record: Record, key: str) -> Any:
    """How PostgreSQL orders JSON values."""
    value = record.id if key == "id" else record.properties.get(key)
    if value is None:
        return (0,)
    if isinstance(value, str):
        return (1, value)
    if isinstance(value, bool):
        return (3, value)
    if isinstance(value, int | float):
        return (2, value)
    return (4, len(value), json.dumps(value))


def _matches(node: Node, record: Record, name: str, wanted: Any) -> bool:
    """Whether a property is one of the wanted values, compared as texts; an array has to hold all of them."""
    values = wanted if isinstance(wanted, list) else [wanted]
    held = record.properties.get(name)
    if node.properties[name].types[:1] == ("array",):
        return isinstance(held, list) and set(map(_text, values)) <= set(map(_text, held))
    return held is not None and _text(held) in {_text(value) for value in values}


def _text(value: Any) -> str:
    """A value as the database compares it: whole numbers of the query keep their ``.0``, those it holds have none."""
    return value if isinstance(value, str) else json.dumps(value)


def _contains(record: Record, wanted: Mapping[str, Any]) -> bool:
    for name, value in wanted.items():
        if name == "id":
            if record.id != value:
                return False
            continue
        held = record.properties.get(name)
        if isinstance(value, list) and isinstance(held, list):
            if not all(item in held for item in value):
                return False
        elif isinstance(held, bool) != isinstance(value, bool) or held != value:
            return False
    return True


def _listed(value: Any) -> list[Any] | None:
    if value is None or isinstance(value, list):
        return value
    return [value]


def _moment(text: str) -> datetime:
    # Peregrine reads dates with it, and says its words.
    from dateutil import parser  # type: ignore[import-untyped]  # noqa: PLC0415  it carries no types

    try:
        found: datetime = parser.parse(text)
    except (ValueError, OverflowError) as error:
        raise QueryError(str(error)) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _is_beyond(text: Any, moment: datetime, *, later: bool) -> bool:
    if not isinstance(text, str):
        return False
    held = _moment(text)
    return held > moment if later else held < moment
