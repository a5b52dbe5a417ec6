"""Where journals live, and how a run is named: by its id, its plan file or its journal."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gen3submit.errors import UsageProblem
from gen3submit.journal.errors import JournalProblem
from gen3submit.journal.file import Journal
from gen3submit.messages import submit as words

_SUFFIX = ".journal"
_POINTER = ".where"
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def state_folder(given: Path | None = None) -> Path:
    """The folder for what has to be remembered from run to run: the user's own, if none is given."""
    if given is not None:
        return given
    import platformdirs  # noqa: PLC0415  # only needed here

    return platformdirs.user_state_path("gen3submit", appauthor=False)


def new_run_id(now: float) -> str:
    """An id for a run: when it began, and some letters so that two of the same second differ."""
    stamp = time.strftime("%y%m%d-%H%M%S", time.localtime(now))
    return f"{stamp}-{''.join(random.SystemRandom().choices(_LETTERS, k=4))}"


def new_journal_path(folder: Path, run_id: str) -> Path:
    """Where the journal of a new run goes; the folder is made.

    Raises:
        UsageProblem: it cannot be made.
    """
    runs = _made(folder / "runs")
    return runs / f"{run_id}{_SUFFIX}"


def remember(folder: Path, run_id: str, path: Path) -> None:
    """Note where the journal of a run is that does not live in the folder, so that its id finds it."""
    runs = _made(folder / "runs")
    if path.resolve().parent == runs.resolve():
        return
    try:
        (runs / f"{run_id}{_POINTER}").write_text(str(path.resolve()), encoding="utf-8")
    except OSError as error:
        raise UsageProblem(words.cannot_write(str(runs), error.strerror or str(error))) from None


def journal_of(run: str | os.PathLike[str], folder: Path) -> Path:
    """The journal of the run that is named by its id (or the beginning of it), its plan file or its journal.

    Raises:
        UsageProblem: there is none, or the beginning of an id fits several.
    """
    name = os.fspath(run)
    path = Path(name)
    if path.is_file():
        return path
    found = {id_: at for id_, at in journals(folder) if id_.startswith(name)} if name else {}
    if name in found:
        return found[name]
    if len(found) > 1:
        raise UsageProblem(words.several_runs(name, sorted(found)))
    if not found:
        raise UsageProblem(words.no_such_run(name))
    return next(iter(found.values()))


def journals(folder: Path) -> Iterator[tuple[str, Path]]:
    """The ids of the runs that are remembered, and their journals, the oldest first."""
    runs = folder / "runs"
    with suppress(OSError):
        for path in sorted(runs.iterdir()):
            if path.suffix == _SUFFIX:
                yield path.stem, path
            elif path.suffix == _POINTER:
                with suppress(OSError, UnicodeDecodeError):
                    target = Path(path.read_text(encoding="utf-8"))
                    if target.is_file():
                        yield path.stem, target


def opened(folder: Path) -> Iterator[Journal]:
    """The journals of the runs that are remembered, the oldest first; those that cannot be opened are left out.

    Each is closed when the next is taken.
    """
    for _, path in journals(folder):
        try:
            journal = Journal.open(path, thorough=False)
        except JournalProblem:
            continue
        with journal:
            yield journal


def forget(path: Path) -> None:
    """Remove a journal that is worth nothing."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):
            path.with_name(name).unlink()


def lock_path(folder: Path, endpoint: str, project: str) -> Path:
    """The file that is locked while a process sends to this project."""
    name = hashlib.sha256(f"{endpoint}\n{project}".encode()).hexdigest()[:24]
    return _made(folder / "locks") / f"{name}.lock"


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageProblem(words.cannot_write(str(folder), error.strerror or str(error))) from None
    return folder
