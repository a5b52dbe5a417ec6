"""Reads the documents of a dictionary from wherever they are: folder, file, address, mapping or commons."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from gen3submit.dictionary import cache
from gen3submit.dictionary.errors import DictionaryError
from gen3submit.dictionary.references import SUFFIX
from gen3submit.errors import CommonsProblem
from gen3submit.messages import dictionary as words

MAX_BYTES = 64_000_000
"""The largest public dictionaries have 3 MB."""

TIMEOUT = (10, 30)
"""Seconds to connect, and between two parts of the answer."""

MAX_SECONDS = 120
"""How long the whole answer may take."""


@runtime_checkable
class CommonsLike(Protocol):
    """What is asked of a commons here; `gen3submit.Commons` has it."""

    endpoint: str

    def dictionary(self) -> Mapping[str, Any]:
        """The dictionary in its served form, fetched from the commons."""


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a dictionary as they were found, references unresolved."""

    source: str
    """What the dictionary is called in messages: a path, an address."""
    by_name: Mapping[str, Any]
    """By file name (``sample.yaml``); the entries of a served dictionary get that suffix too."""
    served: bool
    """Whether this is the served form, in which Gen3 has already added what it adds to each dictionary."""
    place: Callable[[str], str]
    """How a message names the document of that file name."""
    from_cache: bool = False
    """Whether the commons could not be reached, and this is what it answered before."""


def read_documents(source: object, cache_folder: Path | None) -> Documents:
    """The documents of the dictionary at `source`.

    Raises:
        DictionaryError: there is none, or it cannot be read.
        CommonsProblem: the commons cannot be reached and was never asked before.
    """
    if isinstance(source, Mapping):
        return _from_value(source, words.in_memory())
    if isinstance(source, CommonsLike):
        return _from_commons(source, cache_folder)
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        return _from_value(_parse(_fetch(source), source), source)
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.is_dir():
            return _from_folder(path)
        return _from_value(_parse(_read(path), str(path)), str(path))
    raise DictionaryError(words.wrong_kind_of_source(type(source).__name__))


def _from_folder(folder: Path) -> Documents:
    try:
        # Gen3's own loader takes `*.yaml` of this very folder too, no `.yml` and no subfolders.
        files = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and path.is_file())
    except OSError as error:
        raise DictionaryError(words.unreadable(str(folder), error.strerror or str(error))) from None
    if not files:
        raise DictionaryError(words.no_yaml_files(str(folder)))
    documents = {path.name: _parse_yaml(_read(path), str(path)) for path in files}
    return Documents(str(folder), documents, served=False, place=lambda name: str(folder / name))


def _from_commons(commons: CommonsLike, cache_folder: Path | None) -> Documents:
    try:
        return _from_value(commons.dictionary(), commons.endpoint)
    except CommonsProblem:
        kept = cache.recall(cache_folder, commons.endpoint)
        if kept is None:
            raise
        return _from_value(kept, commons.endpoint, from_cache=True)


def _from_value(value: Any, source: str, *, from_cache: bool = False) -> Documents:
    """The documents in the JSON value of a whole dictionary."""
    if not isinstance(value, Mapping):
        raise DictionaryError(words.wrong_top_level(source, _kind(value)))
    if not all(isinstance(name, str) for name in value):
        raise DictionaryError(words.wrong_top_level(source, "a mapping whose keys are no names"))
    if isinstance(value.get("id"), str) and isinstance(value.get("properties"), Mapping):
        raise DictionaryError(words.single_node(source))
    if any(name.endswith(SUFFIX) for name in value):
        return Documents(source, value, served=False, place=lambda _: source, from_cache=from_cache)
    documents = {name + SUFFIX: content for name, content in value.items()}
    return Documents(source, documents, served=True, place=lambda _: source, from_cache=from_cache)


def _kind(value: Any) -> str:
    return {list: "a list", str: "text", type(None): "nothing"}.get(type(value), "a single value")


def _read(path: Path) -> bytes:
    if not path.exists():
        raise DictionaryError(words.no_such_source(str(path)))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DictionaryError(words.unreadable(str(path), error.strerror or str(error))) from None
    if len(content) > MAX_BYTES:
        raise DictionaryError(words.too_large(str(path), MAX_BYTES))
    return content


def _fetch(url: str) -> bytes:
    import requests  # noqa: PLC0415  heavy, and only needed here

    deadline = time.monotonic() + MAX_SECONDS
    content = bytearray()
    try:
        # a function as `auth` keeps requests from sending what a netrc file holds for this host
        with requests.get(url, timeout=TIMEOUT, stream=True, auth=lambda prepared: prepared) as answer:
            if answer.status_code != requests.codes.ok:
                raise DictionaryError(words.bad_status(url, answer.status_code))
            for part in answer.iter_content(65_536):
                content += part
                if len(content) > MAX_BYTES:
                    raise DictionaryError(words.too_large(url, MAX_BYTES))
                if time.monotonic() > deadline:
                    raise DictionaryError(words.too_slow(url, MAX_SECONDS))
    except requests.RequestException as error:
        raise DictionaryError(words.not_reached(url, type(error).__name__)) from None
    return bytes(content)


def _parse(content: bytes, source: str) -> Any:
    """The value of a JSON or YAML text."""
    text = _decode(content, source)
    start = text.lstrip()[:1]
    if start == "<":
        raise DictionaryError(words.web_page(source))
    if start in {"{", "["} and not source.endswith((SUFFIX, ".yml")):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise DictionaryError(words.invalid_syntax(source, "JSON", error.lineno, error.msg)) from None
        except RecursionError:
            raise DictionaryError(words.too_deep(source)) from None
    return _parse_yaml(content, source)


def _parse_yaml(content: bytes, source: str) -> Any:
    import yaml  # noqa: PLC0415  a served dictionary needs none of it

    from gen3submit.dictionary import yaml_text  # noqa: PLC0415  imports yaml

    text = _decode(content, source)
    try:
        return yaml_text.parse(text)
    except RecursionError:
        raise DictionaryError(words.too_deep(source)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else None
        raise DictionaryError(words.invalid_syntax(source, "YAML", line, problem)) from None


def _decode(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DictionaryError(words.not_text(source)) from None
