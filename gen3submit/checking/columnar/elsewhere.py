"""Reading slices on an executor that the caller has: in other processes, or on the machines of a cluster.

A slice is read from the file where its reader sees the very same bytes there, which a checksum tells; to others the
bytes are sent. So it does not matter where the workers run.
"""

from __future__ import annotations

import pickle
import traceback
import zlib
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass, replace
from functools import lru_cache

import gen3submit
from gen3submit.checking.columnar.body import Body, NotColumnar
from gen3submit.checking.columnar.cutting import Slice
from gen3submit.checking.columnar.facts import SliceFacts, facts_of
from gen3submit.checking.columnar.layout import Layout
from gen3submit.checking.columnar.outcomes import Columns
from gen3submit.collecting import collecting_later
from gen3submit.errors import UsageProblem
from gen3submit.messages import check as words
from gen3submit.rules.documents import TableReader
from gen3submit.rules.transaction import Rules

_UNFIT_SCHEDULER = "deserialization of the task graph"
"""In the words of Dask, whose scheduler loads what the workers are to do."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a worker answers."""

    version: str
    """Of the gen3submit that runs there."""
    facts: SliceFacts | None = None
    """None where the worker does not see these bytes, is of another version, or failed."""
    failure: Exception | None = None
    """What reading raised, so that whatever else is raised comes of the executor."""


class Elsewhere:
    """Has the slices of one table read on an executor."""

    def __init__(self, path: str, body: Body, layout: Layout, executor: Executor):
        """`path` names the table in messages."""
        self._path = path
        self._body = body
        self._executor = executor
        self._packed = zlib.compress(pickle.dumps(layout), 1)
        self._sends_bytes = body.file is None

    def start(self, part: Slice, data: bytes) -> Future[Reading]:
        """Have a slice read.

        Raises:
            UsageProblem: the executor takes no work.
        """
        body, there = self._body, part
        if self._sends_bytes:
            body, there = Body.of(None, data), replace(part, start=0, stop=len(data))
        try:
            return self._executor.submit(
                read_there, gen3submit.__version__, self._packed, body, there, zlib.crc32(data)
            )
        except Exception as error:
            raise self._problem(error) from error

    def result(self, part: Slice, future: Future[Reading]) -> SliceFacts:
        """What a slice has to say.

        Raises:
            UsageProblem: it could not be read: a worker died, or is not fit for it.
            NotColumnar: it cannot be read so, or the file changed.
        """
        reading = self._wait(future)
        if reading.facts is None:
            # Where one worker does not see the file, others will not be asked to look for it.
            self._sends_bytes = True
            reading = self._wait(self.start(part, self._body.read(part.start, part.stop)))
        if reading.facts is None:
            raise NotColumnar("the file changed")
        return reading.facts

    def _wait(self, future: Future[Reading]) -> Reading:
        try:
            reading = future.result()
        except Exception as error:
            raise self._problem(error) from error
        if reading.version != gen3submit.__version__:
            raise UsageProblem(words.other_version(reading.version, gen3submit.__version__))
        if isinstance(reading.failure, MemoryError):
            raise self._problem(reading.failure) from reading.failure
        if reading.failure is not None:
            raise reading.failure
        return reading

    def _problem(self, error: Exception) -> UsageProblem:
        """What went wrong with the executor, in words."""
        name = type(error).__name__
        if isinstance(error, BrokenExecutor | MemoryError) or name == "KilledWorker":  # the last is Dask's
            return UsageProblem(words.worker_died(self._path))
        if isinstance(error, CancelledError):
            return UsageProblem(words.workers_lost(self._path))
        said = str(error).strip().partition("\n")[0].partition(". ")[0]
        if isinstance(error, ImportError | AttributeError) or _UNFIT_SCHEDULER in said:
            return UsageProblem(words.unfit_worker(said, gen3submit.__version__))
        return UsageProblem(words.executor_failed(self._path, f"{name}: {said}" if said else name))


def read_there(version: str, packed: bytes, body: Body, part: Slice, checksum: int) -> Reading:
    """Read a slice in a process that knows nothing yet.

    Args:
        version: of the gen3submit that asks.
        packed: the layout, pickled and compressed.
        body: where the slice is.
        part: the slice.
        checksum: the CRC-32 of its bytes.
    """
    here = gen3submit.__version__
    if version != here:
        return Reading(here)
    try:
        data = body.read(part.start, part.stop)
    except (OSError, NotColumnar):
        return Reading(here)
    if zlib.crc32(data) != checksum:
        return Reading(here)
    try:
        with collecting_later():
            return Reading(here, facts_of(data, part, _columns(packed)))
    except Exception as error:  # noqa: BLE001  # raised again where the answer is taken
        error.add_note(traceback.format_exc())  # it would not be sent along
        return Reading(here, failure=error)


@lru_cache(maxsize=8)
def _columns(packed: bytes) -> Columns:
    layout: Layout = pickle.loads(zlib.decompress(packed))  # noqa: S301  # made by `Elsewhere`
    return Columns(layout, Rules(layout.nodes), TableReader(layout.nodes))
