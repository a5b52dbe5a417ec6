"""The hashes of data files as a column: rows that describe the same content depend on each other.

The file index (indexd) knows a file by its hash and size, and a record joins the file that is there already
(`gen3submit.rules.file_index`). So rows whose hash stands twice, in the table or in what is known before it, go to
the exact judge; every other row describes a new file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.keys import Hashes, hashes_of
from gen3submit.checking.columnar.proofs import Proof

PROPERTY = "md5sum"
PLAIN, ODD, NONE = range(3)
"""A hash as it should be; one that the exact judge must look at; none at all."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The hash that each of these rows gives of its file."""

    rows: npt.NDArray[Any] | None
    """The row of each; None: all rows in order."""
    hashes: Hashes
    """Of the text, so that equal ones are found."""
    states: npt.NDArray[np.uint8]


def contents_of(texts: Any, proof: Proof, rows: npt.NDArray[Any] | None) -> Contents:
    """The contents of an array of texts."""
    unproven = ~proof(texts)
    states = np.zeros(len(texts), np.uint8)
    if unproven.any():
        chosen = arrays.mask(unproven)
        stripped = [(text or "").strip() for text in texts.filter(chosen).to_pylist()]
        states[unproven] = [NONE if text in ("", "null", "None") else ODD for text in stripped]
        texts = pc.replace_with_mask(texts, chosen, arrays.texts(stripped))
    return Contents(rows, hashes_of(texts), states)


def shared(contents: Contents, among: npt.NDArray[np.bool_], known: Sequence[Hashes]) -> npt.NDArray[np.bool_]:
    """Which of the contents are those of others among them, or known; a chance equality of hashes counts, too."""
    found = np.zeros(len(among), bool)
    hashes = contents.hashes[among]
    order = np.argsort(hashes)
    same = hashes[order[1:]] == hashes[order[:-1]]
    twice = np.zeros(len(hashes), bool)
    twice[order[1:][same]] = True
    twice[order[:-1][same]] = True
    for each in known:
        twice |= np.isin(hashes, each)
    found[among] = twice
    return found


def hashes_of_texts(texts: Sequence[str]) -> Hashes:
    """The hashes of a few texts."""
    return hashes_of(arrays.texts(texts))
