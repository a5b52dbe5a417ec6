"""A starter folder: settings, templates and a README with the next steps. What is there already stays."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gen3submit.dictionary.model import Node
from gen3submit.dictionary.order import node_order
from gen3submit.errors import UsageProblem
from gen3submit.messages import templates as words
from gen3submit.templates import Template, template

CONFIG = "gen3submit.toml"
README = "README.md"
TEMPLATES = "templates"
DATA = "data"


@dataclass(frozen=True, slots=True)
class Started:
    """What became of each file of a starter folder."""

    wrote: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    """Files that were there already, and were left as they are."""


def start(
    folder: str | os.PathLike[str],
    nodes: Mapping[str, Node],
    *,
    settings: Mapping[str, str | None],
    only: Sequence[str] = (),
    format_: str = "tsv",
) -> Started:
    """Make a starter folder.

    Args:
        folder: made if it is not there.
        nodes: the node types by id; a `Dictionary` is that.
        settings: what goes into the settings file: ``commons``, ``project``, ``dictionary``, ``credentials``. A
            dictionary or credentials in a file are named from the folder.
        only: the node types to make templates of; all whose records are submitted if empty.
        format_: of the templates, ``tsv`` or ``xlsx``.

    Raises:
        UsageProblem: a node type is not there, or the folder cannot be written to.
    """
    place = Path(folder)
    if place.exists() and not place.is_dir():
        raise UsageProblem(words.not_a_folder(str(place)))
    chosen = list(dict.fromkeys(only)) or [node.id for node in nodes.values() if node.is_submittable]
    templates = [template(nodes, node_id) for node_id in chosen]
    stages = [
        [type_ for group in stage for type_ in group.types]
        for stage in node_order(nodes, [each.node for each in templates])
    ]
    files = {
        place / CONFIG: _config(place, settings).encode(),
        place / README: words.readme(
            settings.get("project"), stages, f".{format_}", has_commons=_is_real(settings.get("commons"))
        ).encode(),
        **dict(_template_files(place / TEMPLATES, templates, format_)),
    }
    started = Started()
    try:
        for folder_ in (place, place / TEMPLATES, place / DATA):
            folder_.mkdir(parents=True, exist_ok=True)
        for path, data in files.items():
            try:
                with path.open("xb") as stream:
                    stream.write(data)
            except FileExistsError:
                started.kept.append(path)
            else:
                started.wrote.append(path)
    except OSError as error:
        raise UsageProblem(words.not_written(str(place), error.strerror or str(error))) from None
    return started


def _is_real(commons: str | None) -> bool:
    return commons is not None and commons != "sandbox"


def _template_files(folder: Path, templates: Sequence[Template], format_: str) -> Iterator[tuple[Path, bytes]]:
    for each in templates:
        if format_ == "xlsx":
            from gen3submit.templates.workbook import workbook  # noqa: PLC0415  # needs an optional dependency

            yield folder / f"{each.node}.xlsx", workbook([each])
        else:
            yield folder / f"{each.node}.tsv", each.tsv().encode()


def _config(folder: Path, settings: Mapping[str, str | None]) -> str:
    lines = [*words.CONFIG_HEAD, ""]
    for name in ("commons", "project", "dictionary", "credentials"):
        value = settings.get(name)
        if value is not None:
            lines.append(
                f"{name} = {_toml(_from_folder(folder, value) if name in ('dictionary', 'credentials') else value)}"
            )
        elif name == "project":
            lines.append(words.CONFIG_PROJECT)
        elif name == "credentials" and _is_real(settings.get("commons")):
            lines.append(words.CONFIG_CREDENTIALS)
    return "\n".join(lines) + "\n"


def _from_folder(folder: Path, value: str) -> str:
    """A path as it is named from the folder; an address as it is."""
    if "://" in value or not Path(value).exists():
        return value
    try:
        return Path(os.path.relpath(value, folder)).as_posix()
    except ValueError:  # another drive
        return str(Path(value).resolve())


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
