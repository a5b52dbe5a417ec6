"""Generated tables as the JSON records that gen3-validator and a jsonschema loop take: converted already."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gen3submit.dictionary import Dictionary

_CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": lambda text: text == "true",
}
_ORDER = ("experiment", "case", "sample")


def write_records(tables: Path, folder: Path, dictionary: Dictionary) -> None:
    """Write each TSV of a folder as a list of records, and the order of import that gen3-validator asks for."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _ORDER:
        properties = dictionary[name].properties
        with (tables / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
            records = [
                dict(_value(column, cell, properties) for column, cell in row.items() if cell)
                for row in csv.DictReader(file, delimiter="\t")
            ]
        (folder / f"{name}.json").write_text(json.dumps(records), encoding="utf-8")
    (folder / "DataImportOrder.txt").write_text("".join(f"{name}\n" for name in _ORDER), encoding="utf-8")


def _value(column: str, cell: str, properties: Any) -> tuple[str, Any]:
    link, _, key = column.partition(".")
    if key:
        return link, {key: cell}
    types = [type_ for type_ in properties[column].types if type_ in _CONVERSIONS]
    return column, _CONVERSIONS[types[0]](cell) if types else cell
