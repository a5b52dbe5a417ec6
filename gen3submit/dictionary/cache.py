"""Keeps the dictionary of each commons on disk, for when the commons cannot be reached."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any


def remember(folder: Path | None, endpoint: str, text: str) -> None:
    """Keep the JSON text of the dictionary. Where the cache cannot be written nothing happens.

    No folder is the one for caches of this system's user.
    """
    folder = folder or _default_folder()
    content = json.dumps({"endpoint": endpoint, "sha256": _sha256(text), "dictionary": text}).encode()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        # Written beside and moved, so that a second process never reads half a dictionary.
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).replace(_path(folder, endpoint))
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise


def recall(folder: Path | None, endpoint: str) -> dict[str, Any] | None:
    """The dictionary kept for this commons; None where there is none, or where the file was changed since."""
    try:
        kept = json.loads(_path(folder or _default_folder(), endpoint).read_bytes())
        text = kept["dictionary"]
        if kept["endpoint"] != endpoint or kept["sha256"] != _sha256(text):
            return None
        served = json.loads(text)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return served if isinstance(served, dict) else None


def _default_folder() -> Path:
    import platformdirs  # noqa: PLC0415  only needed with a commons

    return platformdirs.user_cache_path("gen3submit", appauthor=False) / "dictionaries"


def _path(folder: Path, endpoint: str) -> Path:
    """A file name that tells the commons, and that no two of them share."""
    host = re.sub(r"[^a-z0-9.-]+", "-", endpoint.lower().partition("://")[2])[:60].strip("-.")
    return folder / f"{host}-{_sha256(endpoint)[:12]}.json"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
