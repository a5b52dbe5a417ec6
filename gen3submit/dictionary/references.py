"""Resolves the ``$ref`` of a dictionary's documents, as Gen3's own loader (`dictionaryutils`) does.

What that loader does, and so this module: each key that begins with ``$ref`` is taken out of its mapping, and
what it refers to is laid over the keys beside it, in the order of the references. The referenced value
therefore wins over a sibling key, and new keys come after the siblings. References inside a document are local
to it.

Other than that loader, this one says where a reference leads nowhere or round in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from gen3submit.dictionary.errors import DictionaryError
from gen3submit.messages import dictionary as words

MAX_VALUES = 2_000_000
"""How many values the references may unfold to. The largest public dictionaries reach some 100,000."""

SUFFIX = ".yaml"
METASCHEMA = "metaschema" + SUFFIX


def resolve(documents: Mapping[str, Any], place: Callable[[str], str]) -> dict[str, Any]:
    """The served form of the documents: no suffix in their names, every reference resolved.

    Args:
        documents: by file name (``sample.yaml``), in order
        place: how an error names the document of that file name

    Raises:
        DictionaryError: a reference of a node type leads nowhere, to what is no mapping, or to itself.
    """
    resolver = _Resolver(documents, place)
    return {name.removesuffix(SUFFIX): resolver.document(name) for name in documents}


class _Resolver:
    """Resolves references in documents that may refer to each other; each target is resolved once."""

    def __init__(self, documents: Mapping[str, Any], place: Callable[[str], str]) -> None:
        self._documents = documents
        self._place = place
        self._targets: dict[tuple[str, str], tuple[Mapping[str, Any], int]] = {}
        self._under_way: list[tuple[str, str]] = []
        self._values = 0

    def document(self, name: str) -> Any:
        content = self._documents[name]
        if name == METASCHEMA:
            return content  # its references belong to JSON Schema itself
        if not name.startswith("_") or not isinstance(content, Mapping):
            return self._expand(content, name, ())
        # Gen3's loader never looks at a definition that no node uses, so real dictionaries have broken ones.
        return {_text(key): self._definition(value, name, _text(key)) for key, value in content.items()}

    def _definition(self, value: Any, document: str, key: str) -> Any:
        under_way = len(self._under_way)
        try:
            return self._expand(value, document, (key,))
        except DictionaryError:
            del self._under_way[under_way:]
            return value

    def _expand(self, value: Any, document: str, path: tuple[str, ...]) -> Any:
        texts = value if type(value) is list and set(map(type, value)) == {str} else ()
        self._values += 1 + len(texts)
        if self._values > MAX_VALUES:
            raise DictionaryError(words.resolved_too_large(self._place(document), MAX_VALUES))
        if texts:  # allowed values, often thousands
            return list(texts)
        if isinstance(value, Mapping):
            expanded = {}
            references = []
            for raw_key, item in value.items():
                key = _text(raw_key)
                if key.startswith("$ref"):
                    references.append((key, item))
                else:
                    expanded[key] = self._expand(item, document, (*path, key))
            for key, item in references:
                for reference in self._references(item, document, (*path, key)):
                    expanded.update(self._target(reference, document, (*path, key)))
            return expanded
        if isinstance(value, list):
            return [self._expand(item, document, (*path, str(n))) for n, item in enumerate(value)]
        return value

    def _references(self, item: Any, document: str, path: tuple[str, ...]) -> list[str]:
        references = item if isinstance(item, list) else [item]
        if not references or not all(isinstance(reference, str) for reference in references):
            raise DictionaryError(words.bad_reference(self._place(document), ".".join(path)))
        return references

    def _target(self, reference: str, document: str, path: tuple[str, ...]) -> Mapping[str, Any]:
        """What the reference leads to, itself resolved."""
        name, separator, pointer = reference.partition("#")
        name = name or document
        key = (name, pointer.strip("/"))
        if known := self._targets.get(key):
            self._values += known[1]
            return known[0]

        def dangling(missing: str) -> DictionaryError:
            return DictionaryError(words.dangling_reference(self._place(document), ".".join(path), reference, missing))

        if not separator:
            raise dangling(words.no_fragment(reference))
        if name not in self._documents:
            raise dangling(words.no_document(name))
        if key in self._under_way:
            steps = [*self._under_way[self._under_way.index(key) :], key]
            raise DictionaryError(
                words.reference_cycle(
                    self._place(document), ".".join(path), [f"{step}#/{entry}" for step, entry in steps]
                )
            )
        value = self._documents[name]
        target_path = []
        for part in key[1].split("/") if key[1] else ():
            entry = unquote(part).replace("~1", "/").replace("~0", "~")
            target_path.append(entry)
            if isinstance(value, Mapping) and entry in value:
                value = value[entry]
            elif isinstance(value, list) and entry.isdecimal() and int(entry) < len(value):
                value = value[int(entry)]
            else:
                raise dangling(words.no_entry(name, "/".join(target_path)))
        if not isinstance(value, Mapping):
            raise dangling(words.not_a_mapping(reference))
        before = self._values
        self._under_way.append(key)
        target: Mapping[str, Any] = self._expand(value, name, tuple(target_path))
        self._under_way.pop()
        self._targets[key] = target, self._values - before
        return target


def _text(key: Any) -> str:
    """A key as JSON has it: YAML also knows keys that are numbers and truth values."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
