"""The dictionary and the templates as Sheepdog serves them."""

from __future__ import annotations

import csv
import html
import io
import json
import tarfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from gen3submit.dictionary import Link, LinkGroup, Node
from gen3submit.rules.bodies import DELIMITERS
from gen3submit.sandbox.answers import attachment, json_answer, refuse
from gen3submit.sandbox.auth import require_token
from gen3submit.sandbox.services import PREFIX, Services

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


def links(services: Services, request: Request, program: str = "", project: str = "") -> Response:
    """``GET [/P/X]/_dictionary``: links to every entry."""
    base = f"{PREFIX}/_dictionary"
    if program:
        services.require_project(program, project)
        require_token(request, services.tokens)
        base = f"{PREFIX}/{program}/{project}/_dictionary"
    return json_answer({"links": [f"{base}/{name}" for name in [*services.dictionary.nodes, "_all"]]})


def entry(services: Services, request: Request, entry: str, program: str = "", project: str = "") -> Response:  # noqa: ARG001  the project is not looked up, as in Sheepdog
    """``GET [/P/X]/_dictionary/<entry>``: one node type, a shared file, or ``_all``."""
    if program:
        services.require_program(program)
        require_token(request, services.tokens)
    if entry == "_all":
        return json_answer(services.served)
    if entry not in services.served:
        raise refuse(404, f"Entry {entry} not in dictionary")
    return json_answer(services.served[entry])


def templates(services: Services, request: Request, program: str = "", project: str = "") -> Response:
    """``GET [/P/X]/template``: the templates of all node types, as Sheepdog mislabels them."""
    if program:
        services.require_project(program, project)
    format_ = _format(request)
    categories, excluded = (
        [name for name in request.args.get(key, "").split(",") if name] for key in ("categories", "exclude")
    )
    nodes = [
        node
        for node in services.dictionary.nodes.values()
        if node.is_submittable
        and (not categories or node.category in categories)
        and (not excluded or node.id not in excluded)
    ]
    if format_ == "json":
        body: str | bytes = _json_text([json_template(services, node) for node in nodes])
        return attachment(body, "submission_templates.json", "text/html; charset=utf-8")
    packed = io.BytesIO()
    with tarfile.open(mode="w:gz", fileobj=packed) as archive:
        for node in nodes:
            content = _table_template(services, node, format_).encode()
            member = tarfile.TarInfo(f"{node.id}.{format_}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return attachment(packed.getvalue(), "submission_templates.tar.gz", "text/html; charset=utf-8")


def template(services: Services, request: Request, entity: str, program: str = "", project: str = "") -> Response:
    """``GET [/P/X]/template/<type>``: the template of one node type."""
    if program:
        services.require_project(program, project)
    node = services.dictionary.nodes.get(entity)
    if node is None:
        raise refuse(404, f"Entity type {entity} is not in dictionary")
    format_ = _format(request)
    as_json = format_ == "json"
    body = _json_text(json_template(services, node)) if as_json else _table_template(services, node, format_)
    return attachment(body, f"submission_{entity}_template.{format_}")


def columns(services: Services, node: Node, *, with_ids: bool = False) -> list[str]:
    """The columns of a template, required ones with an asterisk, in Sheepdog's order."""
    identity = ["type", "id"]
    identity += sorted({key for keys in node.unique_keys for key in keys} - {"type", "id"})
    rest = sorted(set(node.schema["properties"]) - set(identity))
    links_ = _links(node)
    ordered = [
        *identity,
        *(name for name in rest if name in links_),
        *(name for name in rest if name not in links_ and name in node.required),
        *(name for name in rest if name not in links_ and name not in node.required),
    ]
    found = []
    for name in ordered:
        if name not in node.schema["properties"] or _is_hidden(node, name, with_ids=with_ids):
            continue
        marked = f"*{name}" if name in node.required else name
        if name in links_:
            found += [f"{marked}.{key}" for key in _link_keys(services, links_[name], with_ids=with_ids)]
        else:
            found.append(marked)
    if node.category == "data_file":
        found.append("urls")  # for indexd; no property of the dictionary
    return found


def titles_of(services: Services, node: Node, *, with_ids: bool) -> tuple[list[str], list[str]]:
    """The property columns and the link columns of an export."""
    names = [name.lstrip("*") for name in columns(services, node, with_ids=with_ids)]
    return [name for name in names if "." not in name and name != "urls"], [name for name in names if "." in name]


def hidden_names(services: Services, node: Node) -> frozenset[str]:
    """What an export by type does not show among the properties of a record."""
    titles, _ = titles_of(services, node, with_ids=True)
    return frozenset({"id", "type", *node.schema["properties"]} - (set(titles) - {"id", "type"}))


def json_template(services: Services, node: Node) -> dict[str, Any]:
    """A template as a document."""
    links_ = _links(node)
    document: dict[str, Any] = {}
    for name in node.schema["properties"]:
        if _is_hidden(node, name, with_ids=False):
            continue
        marked = f"*{name}" if name in node.required else name
        if name in links_:
            target = services.dictionary.nodes[links_[name].target]
            document[marked] = {
                key: None for keys in target.unique_keys for key in keys if key not in ("project_id", "id")
            }
        else:
            document[marked] = node.id if name == "type" else None
    if node.category == "data_file":
        document["urls"] = None
    return document


def _format(request: Request) -> str:
    format_ = html.escape(request.args.get("format", "tsv"))
    if format_ not in ("json", *DELIMITERS):
        raise refuse(400, f"Format {format_} is not supported; supported formats are: csv,tsv,json.")
    return format_


def _links(node: Node) -> Mapping[str, Link]:
    """The links, those that stand alone before those in groups."""
    alone = [link for link in node.links if isinstance(link, Link)]
    grouped = [link for group in node.links if isinstance(group, LinkGroup) for link in group.links()]
    return {link.name: link for link in [*alone, *grouped]}


def _link_keys(services: Services, link: Link, *, with_ids: bool) -> list[str]:
    """The keys by which a template names a parent: its first unique key, and its id where ids are wanted."""
    target = services.dictionary.nodes[link.target]
    first = target.unique_keys[0] if target.unique_keys else ()
    return [*(["id"] if with_ids else []), *(key for key in first if key != "project_id")]


def _is_hidden(node: Node, name: str, *, with_ids: bool) -> bool:
    if name == "id":
        return not with_ids
    return name in node.system_properties and name != "project_id"


def _table_template(services: Services, node: Node, format_: str) -> str:
    header = columns(services, node)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=DELIMITERS[format_])
    writer.writerow(header)
    writer.writerow([node.id, *[""] * (len(header) - 1)])
    return written.getvalue()


def _json_text(value: object) -> str:
    return json.dumps(value, indent=2, separators=(", ", ": "), ensure_ascii=False)
