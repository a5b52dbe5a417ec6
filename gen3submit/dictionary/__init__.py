"""The data dictionary: loaded from any source, with its references resolved and its links checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gen3submit.dictionary import cache
from gen3submit.dictionary.added import with_added_nodes
from gen3submit.dictionary.errors import DictionaryError
from gen3submit.dictionary.load import CommonsLike, read_documents
from gen3submit.dictionary.model import Link, LinkGroup, Node, Property, nodes_from_served
from gen3submit.dictionary.references import resolve
from gen3submit.messages import dictionary as words

__all__ = [
    "CommonsLike",
    "Dictionary",
    "DictionaryError",
    "Link",
    "LinkGroup",
    "Node",
    "Property",
    "practice_dictionary_folder",
]


class Dictionary(Mapping[str, Node]):
    """A data dictionary: its node types by id, in the order of the source.

    Made by `Dictionary.load`; never changed afterwards.
    """

    __slots__ = ("_served", "from_cache", "nodes", "sha256", "source", "version")

    nodes: Mapping[str, Node]
    """The node types by id."""
    source: str
    """Where it was loaded from, as messages name it."""
    version: str | None
    """The version that the dictionary gives itself; None where it gives none."""
    sha256: str
    """The hash of the node types in canonical JSON.

    The same node types have the same hash, in whatever form they came.
    """
    from_cache: bool
    """Whether the commons could not be reached, and this is the dictionary it had when it was last asked."""

    def __init__(self, served: Mapping[str, Any], nodes: Mapping[str, Node], source: str, *, from_cache: bool) -> None:
        try:
            self._served = json.dumps(served)
        except TypeError:
            raise DictionaryError(words.not_json(source)) from None
        self.nodes = nodes
        self.source = source
        self.version = _version(served)
        schemas = {node.id: node.schema for node in nodes.values()}
        canonical = json.dumps(schemas, sort_keys=True, separators=(",", ":"))
        self.sha256 = hashlib.sha256(canonical.encode()).hexdigest()
        self.from_cache = from_cache

    @classmethod
    def load(
        cls,
        source: str | Path | Mapping[str, Any] | CommonsLike | Dictionary,
        *,
        cache_folder: Path | None = None,
    ) -> Dictionary:
        """The dictionary at `source`.

        Args:
            source: a folder of YAML files; one JSON or YAML file, or the http(s) address of one, that holds
                either the served form (what a commons answers for ``_dictionary/_all``) or the artifact form
                (keys ending in ``.yaml``); such a value in memory; a commons; or a dictionary already loaded
            cache_folder: where the dictionaries of commons are kept; the user's cache folder if not given

        Raises:
            DictionaryError: there is none, it cannot be read, or it contradicts itself.
            CommonsProblem: the commons cannot be reached, and nothing is kept of it.
        """
        if isinstance(source, Dictionary):
            return source
        documents = read_documents(source, cache_folder)
        found = documents.by_name if documents.served else with_added_nodes(documents.by_name)
        try:
            served = resolve(found, documents.place)
            nodes = nodes_from_served(served, documents.source, documents.place)
            dictionary = cls(served, nodes, documents.source, from_cache=documents.from_cache)
        except RecursionError:
            raise DictionaryError(words.too_deep(documents.source)) from None
        if isinstance(source, CommonsLike) and not documents.from_cache:
            cache.remember(cache_folder, source.endpoint, dictionary._served)
        return dictionary

    def served(self) -> dict[str, Any]:
        """What a commons answers for ``_dictionary/_all``; a new copy at each call."""
        copy: dict[str, Any] = json.loads(self._served)
        return copy

    def __getitem__(self, node_id: str) -> Node:
        return self.nodes[node_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        return f"<Dictionary {self.source}: {len(self)} node types, sha256 {self.sha256[:12]}>"


def _version(served: Mapping[str, Any]) -> str | None:
    # `_dict_version` is what Gen3's own tool writes into the artifact.
    for document in ("_settings", "_definitions"):
        content = served.get(document)
        if isinstance(content, Mapping):
            version = content.get("_dict_version") or content.get("version")
            if isinstance(version, str):
                return version
    return None


def practice_dictionary_folder() -> Path:
    """The folder of the practice dictionary's YAML files."""
    package = Path(__file__).parent.parent
    installed = package / "_practice_schemas"  # where the wheel puts them
    return installed if installed.is_dir() else package.parent / "schemas"
