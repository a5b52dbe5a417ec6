"""The columns of a generated table, and their cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gen3submit.dictionary.model import Node

_SIMPLE = ("integer", "number", "boolean", "string")


@dataclass(frozen=True, slots=True)
class Column:
    """A column whose cells depend on chance."""

    name: str
    kind: str
    """``enum``, ``number``, ``integer``, ``boolean`` or ``text``."""
    values: tuple[str, ...] = ()
    """The values of an enum."""
    most: int = 0
    """How many different texts there are at most; 0 for a text of its own in nearly every row."""


def columns_of(node: Node, names: Iterable[str] | None = None) -> list[Column]:
    """Columns for these properties of a node type; without names for all that a submitter fills with plain values."""
    passed_over = {"type", "submitter_id", *node.system_properties, "project_id"}
    found = []
    for name in node.properties if names is None else names:
        property_ = node.properties[name]
        simple = next((type_ for type_ in _SIMPLE if type_ in property_.types), None)
        if property_.enum:
            values = tuple(str(value) for value in property_.enum if value is not None)
            found.append(Column(name, "enum", values))
        elif simple and name not in passed_over:
            found.append(Column(name, "text" if simple == "string" else simple))
    return [column for column in found if column.name not in passed_over]


def cells(column: Column, chance: np.random.Generator, count: int) -> Any:
    """`count` cells as an Arrow array of text."""
    if column.kind == "enum":
        return pa.array(column.values).take(pa.array(chance.integers(len(column.values), size=count)))
    if column.kind == "boolean":
        return pa.array(["true", "false"]).take(pa.array(chance.integers(2, size=count)))
    if column.kind == "integer":
        return pc.cast(pa.array(chance.integers(9_000, size=count)), pa.string())
    if column.kind == "number":
        return pc.cast(pa.array(chance.integers(100_000, size=count) / 100), pa.string())
    return numbered(f"{column.name[:12]} n° ", chance.integers(column.most or 1_000_000_000, size=count))


def numbered(prefix: str, numbers: Any, digits: int = 0) -> Any:
    """Texts of a prefix and a number, padded with zeros to so many digits."""
    text = pc.cast(pa.array(numbers), pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(text, digits, "0") if digits else text, "")
