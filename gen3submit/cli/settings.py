"""Settings from ``gen3submit.toml``, ``GEN3SUBMIT_*`` variables and flags, the later ones over the earlier."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gen3submit.errors import UsageProblem
from gen3submit.messages import command_line as words

FILE_NAME = "gen3submit.toml"
_PATHS = ("dictionary", "credentials")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command needs to know besides its files."""

    commons: str | None = None
    """The address of a commons, or ``sandbox``."""
    project: str | None = None
    """``PROGRAM-CODE``."""
    dictionary: str | None = None
    """A folder, a file or an address."""
    credentials: str | None = None
    """The path or name of a credentials file."""

    def over(self, flags: Mapping[str, str | None]) -> Settings:
        """These settings with the flags that were given in their place."""
        return replace(self, **{name: value for name, value in flags.items() if value is not None})


_NAMES = tuple(Settings.__dataclass_fields__)


def settings(start: Path | None = None, environment: Mapping[str, str] | None = None, **flags: str | None) -> Settings:
    """The settings for a command run in `start` (the working folder by default).

    The file is looked for there and in every folder above; paths in it are meant from its own folder.

    Raises:
        UsageProblem: the file is no TOML, or holds a setting that is not known.
    """
    environment = os.environ if environment is None else environment
    found = _from_file((start or Path.cwd()).resolve())
    variables = {name: environment.get(f"GEN3SUBMIT_{name.upper()}") or None for name in _NAMES}
    return found.over(variables).over(flags)


def _from_file(folder: Path) -> Settings:
    for place in (folder, *folder.parents):
        path = place / FILE_NAME
        if path.is_file():
            return _read(path)
    return Settings()


def _read(path: Path) -> Settings:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageProblem(words.bad_config(str(path), str(error))) from None
    unknown = sorted(content.keys() - set(_NAMES))
    if unknown:
        why = words.unknown_setting(", ".join(f"`{name}`" for name in unknown), ", ".join(_NAMES))
        raise UsageProblem(words.bad_config(str(path), why))
    values: dict[str, str] = {}
    for name, value in content.items():
        if not isinstance(value, str):
            raise UsageProblem(words.bad_config(str(path), words.setting_not_text(name)))
        values[name] = _from_folder(path.parent, value) if name in _PATHS else value
    return Settings(**values)


def _from_folder(folder: Path, value: str) -> str:
    if "://" in value or Path(value).is_absolute():
        return value
    beside = folder / value
    return str(beside) if beside.exists() else value
