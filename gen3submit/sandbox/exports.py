"""Reading records: exports by node type and by ids, entities by ids."""

from __future__ import annotations

import csv
import io
import itertools
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gen3submit.dictionary import Node
from gen3submit.rules.bodies import DELIMITERS, LINK_SEPARATORS, read_json
from gen3submit.rules.columns import DocumentRefused
from gen3submit.rules.store import Record
from gen3submit.sandbox.answers import attachment, json_answer, refuse
from gen3submit.sandbox.auth import require_rights
from gen3submit.sandbox.dictionaries import hidden_names, titles_of
from gen3submit.sandbox.parents import Parents, told_parents
from gen3submit.sandbox.services import Services

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

_PIECE = 500
"""How many records go into one piece of an answer."""
_quoted = json.JSONEncoder().encode


def export(services: Services, request: Request, program: str, project: str) -> Response:
    """``GET`` (or ``POST`` with the parameters in JSON) ``/P/X/export``."""
    require_rights(request, services.tokens)
    asked: dict[str, Any] = dict(request.args)
    if request.method == "POST":
        try:
            asked = read_json(request.get_data(as_text=True))[0]
        except (DocumentRefused, IndexError) as refused:
            raise refuse(400, str(refused)) from None
    format_ = str(asked.get("format") or asked.get("file_format") or "tsv")
    with_ids = not asked.get("without_id")
    project_id = f"{program}-{project}"
    ids = asked.get("ids")
    if ids:
        return _by_ids(services, ids.split(",") if isinstance(ids, str) else ids, project_id, format_, with_ids)
    label = asked.get("node_label")
    if not label:
        raise refuse(400, "expected either `ids` or `node_label` parameter")
    node = services.dictionary.nodes.get(str(label))
    if node is None:
        raise refuse(400, f"dictionary does not have node with type {label}")
    if node.category == "internal":
        raise refuse(400, "cannot export node with category `internal`")
    return _by_type(services, node, project_id, format_, with_ids)


def entities(services: Services, request: Request, program: str, project: str, ids: str) -> Response:  # noqa: ARG001  the project is not looked up, as in Sheepdog
    """``GET /P/X/entities/<ids>``: records of any project."""
    services.require_program(program)
    require_rights(request, services.tokens)
    wanted = list(dict.fromkeys(ids.split(",")))
    found = services.store.by_ids(wanted)
    missing = set(wanted) - {record.id for record in found}
    if missing:
        raise refuse(400, f"Not found: {', '.join(id_ for id_ in wanted if id_ in missing)}")
    listed = []
    for record in found:
        owner, _, code = (record.project_id or "").partition("-")
        listed.append({"program": owner, "project": code, "properties": _entity_properties(services, record)})
    return json_answer({"entities": listed})


def document(services: Services, record: Record, *, with_ids: bool = True) -> dict[str, Any]:
    """A record as ``export?ids=`` gives it in JSON: every property, nulls too, and parents by id and key."""
    node = services.dictionary.nodes[record.type]
    titles, link_titles = titles_of(services, node, with_ids=with_ids)
    found: dict[str, Any] = {"id": record.id}
    for link, keys in _keys_by_link(link_titles).items():
        found[link] = [
            {("node_id" if key == "id" else key): _value(parent, key) for key in keys}
            for parent in services.store.parents(record, link)
        ]
    found.update({name: _value(record, name) for name in titles})
    return found


def _entity_properties(services: Services, record: Record) -> dict[str, Any]:
    node = services.dictionary.nodes[record.type]
    properties: dict[str, Any] = {
        name: record.properties.get(name) for name in node.properties if name not in ("id", "type")
    }
    properties.update(id=record.id, type=record.type)
    for name, parent in services.store.neighbours(record)[0]:
        properties.setdefault(name, []).append({"id": parent.id, "submitter_id": parent.properties.get("submitter_id")})
    return properties


def _keys_by_link(link_titles: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for title in link_titles:
        link, _, key = title.partition(".")
        found.setdefault(link, []).append(key)
    return found


def _value(record: Record, name: str) -> Any:
    if name == "id":
        return record.id
    return record.type if name == "type" else record.properties.get(name)


def _by_type(services: Services, node: Node, project_id: str, format_: str, with_ids: bool) -> Response:
    titles, link_titles = titles_of(services, node, with_ids=with_ids)
    filename = f"{node.id}.{format_}"
    if any(link.target == node.id for link in node.links_by_name.values()):
        # The join of a table with itself fails after the first characters have left.
        start = '{ "data": [' if format_ == "json" else _header(titles, link_titles)
        return attachment(_broken_off(start), filename, _content_type(format_))
    if format_ == "json":
        documents = _documents(services, node, project_id, titles, link_titles)
        return attachment(_pieces('{"data": [', documents, ", ", "]}"), filename, "application/json")
    if format_ not in DELIMITERS:
        raise refuse(400, f"Format {format_} not supported")
    lines = _lines(services, node, project_id, titles, link_titles, format_)
    return attachment(_pieces(_header(titles, link_titles, DELIMITERS[format_]), lines), filename)


def _header(titles: Sequence[str], link_titles: Sequence[str], separator: str = "\t") -> str:
    return separator.join([*titles, *link_titles]) + "\n"


def _content_type(format_: str) -> str:
    return "application/json" if format_ == "json" else "application/octet-stream"


def _broken_off(start: str) -> Iterator[bytes]:
    yield start.encode()
    raise ConnectionAbortedError


def _pieces(start: str, texts: Iterable[str], separator: str = "", end: str = "") -> list[bytes]:
    """An answer in pieces: as one text it would be copied again and again on its way."""
    found, rest = [], iter(texts)
    while piece := list(itertools.islice(rest, _PIECE)):
        found.append((start + separator.join(piece)).encode())
        start = separator
    return [*found, (end if found else start + end).encode()]


def _documents(
    services: Services, node: Node, project_id: str, titles: Sequence[str], link_titles: Sequence[str]
) -> Iterator[str]:
    """The records as an export by type gives them in JSON: without nulls, and with parents where there are any."""
    start = f', "type": {_quoted(node.id)}' if "type" in titles else ""
    parents = told_parents(services.store, node, _keys_by_link(link_titles), _parents_in_json)
    for id_, text in services.store.texts(node.id, project_id, hidden_names(services, node)):
        identity = f'{start}, "id": {_quoted(id_)}' if "id" in titles else start
        told = f"{identity}{text and ', '}{text}{parents.get(id_, '')}"
        yield f"{{{told[2:]}}}"


def _parents_in_json(parents: Parents) -> str:
    """The parents of a record in JSON, each link after a comma."""
    told = ""
    for link, found in parents.items():
        if found:
            told += f', "{link}": [{", ".join(map(_parent_in_json, found))}]'
    return told


def _parent_in_json(keys: Mapping[str, Any]) -> str:
    told = ", ".join([f"{_quoted('node_id' if key == 'id' else key)}: {_quoted(value)}" for key, value in keys.items()])
    return f"{{{told}}}"


def _lines(
    services: Services, node: Node, project_id: str, titles: Sequence[str], link_titles: Sequence[str], format_: str
) -> Iterator[str]:
    """The records as lines of an export by type; nothing is quoted."""
    separator, sub_separator = DELIMITERS[format_], LINK_SEPARATORS[format_]
    places = [title.partition(".")[::2] for title in link_titles]

    def tell(parents: Parents) -> str:
        cells = [[str(keys[key]) for keys in parents.get(link, ()) if key in keys] for link, key in places]
        return separator.join(map(sub_separator.join, cells))

    parents, nothing = told_parents(services.store, node, _keys_by_link(link_titles), tell), tell({})
    for record in sorted(services.store.records(node.id, project_id), key=lambda record: record.id):
        held = {**record.properties, "id": record.id, "type": record.type}
        cells = [value if isinstance(value, str) else _cell(value, sub_separator) for value in map(held.get, titles)]
        if places:
            cells.append(parents.get(record.id, nothing))
        yield separator.join(cells) + "\n"


def _cell(value: Any, sub_separator: str) -> str:
    if value is None:
        return ""
    return sub_separator.join(map(str, value)) if isinstance(value, list) else str(value)


def _by_ids(services: Services, ids: list[str], project_id: str, format_: str, with_ids: bool) -> Response:
    found = [record for record in services.store.by_ids(ids) if record.project_id == project_id]
    if not found:
        raise refuse(404, f"Unable to find {', '.join(ids)}")
    by_type: dict[str, list[Record]] = {}
    for record in found:
        by_type.setdefault(record.type, []).append(record)
    stem = next(iter(by_type)) if len(by_type) == 1 else f"gdc_export_{hash(tuple(ids)) & 0xFFFFFFFF:08x}"
    if format_ == "json":
        documents = [
            document(services, record, with_ids=with_ids) for records in by_type.values() for record in records
        ]
        text = json.dumps(documents, indent=2, separators=(", ", ": "), ensure_ascii=False)
        return attachment(text, f"{stem}.json", "application/json")
    if format_ not in DELIMITERS:
        raise refuse(400, f"Format {format_} not supported")
    tables = {type_: _table(services, type_, records, format_, with_ids) for type_, records in by_type.items()}
    if len(tables) == 1:
        return attachment(next(iter(tables.values())), f"{stem}.{format_}")
    packed = io.BytesIO()
    with tarfile.open(mode="w:gz", fileobj=packed) as archive:
        for type_, text in tables.items():
            content = text.encode()
            member = tarfile.TarInfo(f"{type_}.{format_}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return attachment(packed.getvalue(), f"{stem}.tar.gz")


def _table(services: Services, type_: str, records: Sequence[Record], format_: str, with_ids: bool) -> str:
    """A table through a CSV writer: quoted where needed, null as the text ``None``, arrays as Python writes them."""
    node = services.dictionary.nodes[type_]
    titles, link_titles = titles_of(services, node, with_ids=with_ids)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=DELIMITERS[format_])
    writer.writerow([*titles, *link_titles])
    for record in records:
        cells = [str(_value(record, name)) for name in titles]
        for title in link_titles:
            link, _, key = title.partition(".")
            values = [_value(parent, key) for parent in services.store.parents(record, link)]
            cells.append(LINK_SEPARATORS[format_].join(str(value) for value in values if value is not None))
        writer.writerow(cells)
    return written.getvalue()
