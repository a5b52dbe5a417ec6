"""The hash of a big table is that of its bytes, whoever read them first."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen3submit.checking.columnar import hashing
from gen3submit.checking.columnar.body import NotColumnar


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "table.tsv"
    path.write_bytes(bytes(range(256)) * 8)
    return path


@settings(deadline=None)
@given(
    ahead=st.integers(0, 2048), cuts=st.lists(st.integers(0, 2048), max_size=5), waits=st.booleans(), own=st.booleans()
)
def test_pieces_heard_give_the_hash_of_the_whole(
    file: Path, ahead: int, cuts: list[int], waits: bool, own: bool
) -> None:
    """However much of the file was read ahead, and wherever the pieces end."""
    data = file.read_bytes()
    found = hashing.Hashing(file if own else None)
    with ThreadPoolExecutor(1) as thread:
        if own and ahead:
            found.begin(thread, ahead)
        if waits:
            thread.submit(int).result()
        places = sorted({0, *cuts, len(data)})
        for start, stop in zip(places, [*places[1:], len(data)], strict=True):
            found.hear(data[start:stop])
        assert found.result() == hashlib.sha256(data).hexdigest()


def test_many_files_are_begun_and_each_gets_its_own_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first ones are read ahead; a table that is no file is hashed as it is heard."""
    monkeypatch.setattr(hashing, "_MOST_AHEAD", 2_500)
    bodies = [bytes([number]) * 1_000 for number in range(4)]
    paths = [tmp_path / f"{number}.tsv" for number in range(3)]
    for path, body in zip(paths, bodies, strict=False):
        path.write_bytes(body)
    found = hashing.started([(path, 1_000) for path in [*paths, None]])
    for each, body in zip(found, bodies, strict=True):
        each.hear(body)
    assert [each.result() for each in found] == [hashlib.sha256(body).hexdigest() for body in bodies]


def test_a_file_that_changes_meanwhile_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    path.write_bytes(b"before")
    (found,) = hashing.started([(path, 6)])
    found.hear(b"before")
    path.write_bytes(b"after that")
    with pytest.raises(NotColumnar):
        found.result()
