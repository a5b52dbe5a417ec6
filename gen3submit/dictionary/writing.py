"""Writes a dictionary to disk: the served form in one JSON file, or a folder of YAML files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from gen3submit.dictionary import Dictionary
from gen3submit.errors import UsageProblem
from gen3submit.messages import dictionary as words

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,199}")
"""A dictionary comes from a server: its names become files only where they are plain."""


def write_dictionary(dictionary: Dictionary, path: str | Path) -> list[Path]:
    """Write a dictionary to a JSON file, or, where `path` does not end in ``.json``, to a folder of YAML files.

    What was written can be loaded again and has the same hash. (A folder whose source lacks the node types that Gen3
    adds to every dictionary has them after loading; every commons serves them.)

    Returns:
        The files.

    Raises:
        UsageProblem: the path cannot be written, a folder is not empty, or a name in the dictionary cannot be a file's.
    """
    target = Path(path)
    served = dictionary.served()
    try:
        if target.suffix.lower() == ".json" and not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f"{target.name}.part")
            part.write_text(json.dumps(served, indent=2) + "\n", encoding="utf-8")
            part.replace(target)
            return [target]
        return _write_folder(served, target)
    except OSError as error:
        raise UsageProblem(words.cannot_write(str(target), error.strerror or str(error))) from None


def _write_folder(served: Mapping[str, Any], folder: Path) -> list[Path]:
    import yaml  # noqa: PLC0415  only needed here

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # whichever was built
        """Repeats what occurs twice, where YAML would refer back to its first place."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the signature is yaml's
            return True

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageProblem(words.folder_in_the_way(str(folder)))
    for name in served:
        if not _FILE_NAME.fullmatch(name):
            raise UsageProblem(words.name_not_for_a_file(name))
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.parent / f".{folder.name[:100]}.{uuid4().hex[:8]}.part"
    part.mkdir()
    try:
        for name, content in served.items():
            text = yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)
            (part / f"{name}.yaml").write_text(text, encoding="utf-8")
        if folder.is_dir():
            folder.rmdir()
        part.rename(folder)
    finally:
        if part.exists():
            for file in part.iterdir():
                file.unlink()
            part.rmdir()
    return [folder / f"{name}.yaml" for name in served]
