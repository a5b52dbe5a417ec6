"""Sentences of the findings about data files on this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.messages.finding_words import Words, column_of, value_of
from gen3submit.messages.wording import fact, shown

if TYPE_CHECKING:
    from gen3submit.findings import Finding


def _missing(finding: Finding) -> str:
    folder = fact(finding.facts, "folder")
    where = f" below {shown(folder)}" if folder else ""
    return f"there is no file {value_of(finding, 'of this name')}{where}"


def _local(finding: Finding) -> str:
    path = fact(finding.facts, "path")
    return shown(path) if path else "the local file"


def _size(finding: Finding) -> str:
    found = fact(finding.facts, "found")
    has = f"has {shown(found)} bytes" if found else "has another size"
    return f"{_local(finding)} {has}, and {column_of(finding)} says {value_of(finding, 'another')}"


def _md5(finding: Finding) -> str:
    found = fact(finding.facts, "found")
    has = f"has the md5 {shown(found)}" if found else "has another md5"
    return f"{_local(finding)} {has}, and {column_of(finding)} says {value_of(finding, 'another')}"


def _write(finding: Finding) -> str | None:
    found = fact(finding.facts, "found")
    return f"write {shown(found)} if this is the right file" if found else None


WORDS = {
    "file-missing-locally": Words(_missing, lambda _: "check `file_name`, or name the folder where the file is"),
    "file-size-differs": Words(_size, _write),
    "file-md5-differs": Words(_md5, _write),
}
