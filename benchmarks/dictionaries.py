"""The dictionaries of the benchmarks: the one of the gen3dictionary package, and the same with node types added."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gdcdictionary
import yaml
from columns import Column, columns_of

from gen3submit.dictionary import Dictionary

_SCHEMA = {"number": {"type": "number"}, "integer": {"type": "integer"}, "boolean": {"type": "boolean"}}
_WORDS = ("left", "right", "upper", "lower", "inner", "outer", "early", "late")

_SAMPLE_PROPERTIES = (
    "biospecimen_anatomic_site",
    "composition",
    "method_of_sample_procurement",
    "preservation_method",
    "sample_type",
    "tissue_type",
    "tumor_code",
    "tumor_descriptor",
    "days_to_collection",
    "days_to_sample_procurement",
    "initial_weight",
    "current_weight",
    "sample_volume",
    "is_ffpe",
    "freezing_method",
    "time_between_clamping_and_freezing",
    "longest_dimension",
)
_FEW = {"time_between_clamping_and_freezing": 600, "longest_dimension": 5_000}
"""How many different texts a column has, where it is not one for each row."""


@dataclass(frozen=True, slots=True)
class Dictionaries:
    """A dictionary in the forms that the measured programs read."""

    loaded: Dictionary
    served: Path
    """The form that a commons serves, every reference resolved: what gen3submit reads."""
    bundle: Path
    """The documents by file name, references unresolved: what gen3-validator reads."""


def write_dictionaries(folder: Path, *, added: bool = False) -> Dictionaries:
    """Write the dictionary of the gen3dictionary package; with `added` also the types of the other column mixes."""
    bundle = {
        path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(Path(gdcdictionary.SCHEMA_DIR).glob("*.yaml"))
    }
    if added:
        bundle |= {f"{name}.yaml": _node(name, columns) for name, columns in added_nodes().items()}
    return _write(folder, bundle)


def added_nodes() -> Mapping[str, Sequence[Column]]:
    """The node types that are added, children of `case` all, with their columns besides the three of each table."""
    return {
        "description_set": [Column(f"text_{n}", "text", most=0 if n % 2 else 5_000) for n in range(17)],
        "measurement_set": [Column(f"number_{n}", "number" if n % 2 else "integer") for n in range(17)],
        "coded_set": [Column(f"code_{n}", "enum", _codes(n, 4_000)) for n in range(17)],
        "wide_set": [_any_column(n) for n in range(97)],
    }


def sample_columns(dictionary: Dictionary) -> Sequence[Column]:
    """17 columns of `sample`: with type, submitter_id and the link to the case it is 20."""
    return [
        Column(column.name, column.kind, column.values, most=_FEW.get(column.name, 0))
        for column in columns_of(dictionary["sample"], _SAMPLE_PROPERTIES)
    ]


def _codes(number: int, count: int) -> tuple[str, ...]:
    return tuple(f"C{number}.{n:04d} {_WORDS[n % 8]} {_WORDS[n // 8 % 8]} site" for n in range(count))


def _any_column(number: int) -> Column:
    kind = ("enum", "number", "text", "integer", "boolean")[number % 5]
    values = _codes(number, 30) if kind == "enum" else ()
    return Column(f"{kind}_{number}", kind, values, most=0 if number % 2 else 500)


def _node(name: str, columns: Sequence[Column]) -> dict[str, Any]:
    own = {
        column.name: {"enum": list(column.values)}
        if column.kind == "enum"
        else dict(_SCHEMA.get(column.kind, {"type": "string"}))
        for column in columns
    }
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "id": name,
        "title": name.replace("_", " ").title(),
        "type": "object",
        "namespace": "https://example.org",
        "category": "clinical",
        "program": "*",
        "project": "*",
        "description": f"Made for measuring: {len(columns)} columns.",
        "additionalProperties": False,
        "submittable": True,
        "validators": None,
        "systemProperties": ["id", "project_id", "state", "created_datetime", "updated_datetime"],
        "required": ["submitter_id", "type", "cases"],
        "uniqueKeys": [["id"], ["project_id", "submitter_id"]],
        "links": [
            {
                "name": "cases",
                "backref": f"{name}s",
                "label": "describes",
                "target_type": "case",
                "multiplicity": "many_to_one",
                "required": True,
            }
        ],
        "properties": {
            "type": {"enum": [name]},
            "id": {"$ref": "_definitions.yaml#/UUID", "systemAlias": "node_id"},
            "state": {"$ref": "_definitions.yaml#/state"},
            "submitter_id": {"type": ["string", "null"]},
            **own,
            "cases": {"$ref": "_definitions.yaml#/to_one"},
            "project_id": {"type": "string"},
            "created_datetime": {"$ref": "_definitions.yaml#/datetime"},
            "updated_datetime": {"$ref": "_definitions.yaml#/datetime"},
        },
    }


def _write(folder: Path, bundle: Mapping[str, Any]) -> Dictionaries:
    folder.mkdir(parents=True, exist_ok=True)
    bundle_file, served_file = folder / "bundle.json", folder / "dictionary.json"
    bundle_file.write_text(json.dumps(bundle, default=str), encoding="utf-8")
    loaded = Dictionary.load(bundle_file)
    served_file.write_text(json.dumps(loaded.served()), encoding="utf-8")
    return Dictionaries(loaded, served_file, bundle_file)
