"""What the files of a submission were made of when it was planned, block by block.

A block that is no longer the same is seen before any of its rows is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from gen3submit.journal.file import Journal


def block_digest(content: bytes) -> bytes:
    """What tells a block from any other."""
    return blake2b(content, digest_size=16).digest()


def note(journal: Journal, file: int, digests: Iterable[bytes]) -> None:
    """Write the digests of the blocks of a file, in the file's order."""
    with journal.writing():
        journal.execute("DELETE FROM block WHERE file = ?", file)
        journal.insert_many("block", ((file, place, digest) for place, digest in enumerate(digests)))


def noted(journal: Journal, file: int) -> list[bytes]:
    """The digests that were written for a file; none where it was not planned."""
    return [digest for (digest,) in journal.rows("SELECT digest FROM block WHERE file = ? ORDER BY place", file)]
