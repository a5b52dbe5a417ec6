"""Small dictionaries for the tests that load them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def node(node_id: str, links: list[dict[str, Any]] | None = None, **properties: Any) -> dict[str, Any]:
    """A node type with these links and, beside the usual three, these properties."""
    return {
        "id": node_id,
        "category": "clinical",
        "additionalProperties": False,
        "required": ["type", "submitter_id"],
        "uniqueKeys": [["id"], ["project_id", "submitter_id"]],
        "systemProperties": ["id"],
        "links": links or [],
        "properties": {
            "type": {"type": "string"},
            "submitter_id": {"type": "string"},
            "project_id": {"type": "string"},
            **properties,
        },
    }


def link(target: str, multiplicity: str = "many_to_one", *, required: bool = False) -> dict[str, Any]:
    """A link to the node type `target`, named like it with an s behind."""
    return {
        "name": f"{target}s",
        "target_type": target,
        "multiplicity": multiplicity,
        "required": required,
        "backref": "children",
        "label": "child_of",
    }


def chain(**parents: list[str]) -> dict[str, Any]:
    """The served form of a dictionary whose node types have these parents."""
    return {child: node(child, [link(parent) for parent in of]) for child, of in parents.items()}


def write_folder(folder: Path, documents: dict[str, Any]) -> Path:
    """Write the documents as YAML files; text is written as it is, and JSON is YAML too."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
