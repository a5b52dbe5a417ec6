"""The two node types that Gen3 adds to every dictionary: ``root`` and ``data_release``.

A folder or an artifact has them only where its authors changed them; Gen3's loader lays its own under the
others, and a commons serves them with the rest. Nobody submits records of them, but a row of such a type is
refused, where a row of an unknown type is dropped without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ROOT: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "id": "root",
    "title": "Root",
    "type": "object",
    "program": "*",
    "project": "*",
    "root": "*",
    "category": "internal",
    "additionalProperties": False,
    "submittable": False,
    "validators": None,
    "systemProperties": ["id"],
    "required": ["type"],
    "uniqueKeys": [["id"]],
    "links": [],
    "constraints": None,
    "properties": {
        "type": {"type": "string"},
        "id": {"enum": ["root"]},
        "schema_version": {"type": "string"},
    },
}

_DATA_RELEASE: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "id": "data_release",
    "title": "Data Release",
    "type": "object",
    "namespace": "http://gdc.nci.nih.gov",
    "program": "*",
    "project": "*",
    "category": "internal",
    "description": "Internal node to store different data releases.\n",
    "additionalProperties": False,
    "submittable": False,
    "validators": None,
    "systemProperties": ["id", "created_datetime", "updated_datetime"],
    "links": [
        {
            "name": "roots",
            "backref": "data_releases",
            "label": "describes",
            "target_type": "root",
            "multiplicity": "many_to_one",
            "required": True,
        }
    ],
    "required": ["name", "major_version", "minor_version", "type"],
    "uniqueKeys": [["id"]],
    "properties": {
        "type": {"enum": ["data_release"]},
        "id": {"$ref": "_definitions.yaml#/UUID", "systemAlias": "node_id"},
        "created_datetime": {"$ref": "_definitions.yaml#/datetime"},
        "updated_datetime": {"$ref": "_definitions.yaml#/datetime"},
        "name": {"description": "String representing release name.\n", "type": "string"},
        "major_version": {"description": "The number identifying the major version.\n", "type": "integer"},
        "minor_version": {"description": "The number identifying the minor version.\n", "type": "integer"},
        "release_date": {"$ref": "_definitions.yaml#/datetime"},
        "released": {
            "description": "Indicates if it is the current release.\n",
            "type": "boolean",
            "default": False,
        },
        "roots": {"$ref": "_definitions.yaml#/to_one"},
    },
}


def with_added_nodes(documents: Mapping[str, Any]) -> Mapping[str, Any]:
    """The documents with those two under them; ``data_release`` only where what it refers to is there."""
    added: dict[str, Any] = {"root.yaml": _ROOT}
    definitions = documents.get("_definitions.yaml")
    if isinstance(definitions, Mapping) and {"UUID", "datetime", "to_one"} <= definitions.keys():
        added["data_release.yaml"] = _DATA_RELEASE
    return {**added, **documents}
