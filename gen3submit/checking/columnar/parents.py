"""The parents that the rows of a big table name, found by joining columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.said import Rows
from gen3submit.checking.columnar.table import ColumnarTable
from gen3submit.dictionary.model import Link, Node
from gen3submit.rules import links
from gen3submit.rules.entities import Entity
from gen3submit.rules.errors import EntityError
from gen3submit.rules.store import Record
from gen3submit.rules.transaction import Rules

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Named:
    """The parents that one link names."""

    rows: Rows
    """The row of each reference."""
    texts: Any

    @classmethod
    def by(cls, table: ColumnarTable, link: int) -> Named:
        """The parents under a link of the table."""
        return cls(*table.references(link))

    def without(self, rows: Mask) -> Named:
        """The references of all other rows."""
        return self.only(~rows[self.rows]) if rows.any() else self

    def only(self, wanted: Mask) -> Named:
        """Those of the references that are wanted."""
        chosen = arrays.mask(wanted)
        return Named(self.rows[wanted], self.texts.filter(chosen))

    def distinct(self, chosen: Mask) -> tuple[Rows, npt.NDArray[np.int32], list[str]]:
        """The rows of these references, with the code of each one's text among the distinct ones."""
        encoded = pc.dictionary_encode(self.texts.filter(arrays.mask(chosen))).unify_dictionaries()
        codes = [arrays.codes(chunk) for chunk in encoded.chunks]
        texts = encoded.chunk(0).dictionary.to_pylist() if encoded.num_chunks else []
        return self.rows[chosen], np.concatenate(codes).astype(np.int32) if codes else np.empty(0, np.int32), texts


def missing_parent(target: Node, link: Link, text: str, project_id: str) -> EntityError:
    """The error of a record that names a parent, by its submitter_id or code, which is not there."""
    values: dict[str, object] = {"project_id": project_id, "submitter_id": text, "code": text}
    keys = tuple(tuple(values[name] for name in names) for names in target.unique_keys)
    key = "code" if target.id == "project" else "submitter_id"
    return links.no_destination(link, target, {key: text}, keys)


def graph_errors(rules: Rules, node: Node, given: Sequence[str]) -> list[EntityError]:
    """The errors of a record that has one parent over each of these links and none over the others."""
    entity = Entity({}, 0, node, record=Record("?", node.id))
    links.check_graph([entity], _OneParentEach(given))  # type: ignore[arg-type]  # all that is asked of the store
    return [rules.typed(entity, error) for error in entity.errors]


class _OneParentEach:
    """Answers for a record with so many parents that no link has too many."""

    def __init__(self, given: Sequence[str]):
        self._given = given

    def parents(self, record: Record, link: str) -> list[Record]:
        return [record] if link in self._given else []

    def children(self, record: Record, type_: str, link: str) -> list[Record]:  # noqa: ARG002  # the store's signature
        return [record]
