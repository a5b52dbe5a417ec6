"""The parents of all records of a type, as an export by type tells them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gen3submit.dictionary import Node
from gen3submit.sandbox.storage import SqliteStore

Parents = Mapping[str, Sequence[Mapping[str, Any]]]
"""By link the parents of a record, of each the keys that are not null."""


def told_parents(
    store: SqliteStore, node: Node, keys_by_link: Mapping[str, Sequence[str]], tell: Callable[[Parents], str]
) -> dict[str, str]:
    """By the id of each record of a type that has parents: what `tell` makes of these."""
    edges = {link: found for link in keys_by_link if (found := store.edges(node.id, link))}
    held = {
        link: dict(
            _keys_by_id(store, node.links_by_name[link].target, {parent for _, parent in found}, keys_by_link[link])
        )
        for link, found in edges.items()
    }
    if len(edges) == 1:
        ((link, found),) = edges.items()
        if len(dict(found)) == len(found):  # one parent each, and as a rule many times the same
            told = {id_: tell({link: [keys]} if keys else {}) for id_, keys in held[link].items()}
            return {child: told[parent] for child, parent in found if parent in told}
    parents: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for link, found in edges.items():
        for child, parent in found:
            if parent in held[link]:
                parents.setdefault(child, {}).setdefault(link, []).append(held[link][parent])
    return {child: tell(_joined(by_link)) for child, by_link in parents.items()}


def _keys_by_id(
    store: SqliteStore, type_: str, ids: Iterable[str], keys: Sequence[str]
) -> Iterable[tuple[str, dict[str, Any]]]:
    names = [key for key in keys if key not in ("id", "type")]
    for id_, values in store.values(type_, ids, names).items():
        known = {"id": id_, "type": type_, **dict(zip(names, values, strict=True))}
        yield id_, {key: known[key] for key in keys if known[key] is not None}


def _joined(parents: Parents) -> Parents:
    """The parents of a record as one join of all links gives them.

    Where several links have parents, each parent comes once per combination with the others.
    """
    if len(parents) > 1:
        combinations = list(itertools.product(*parents.values()))
        parents = {link: [each[place] for each in combinations] for place, link in enumerate(parents)}
    return {link: [parent for parent in found if parent] for link, found in parents.items()}
