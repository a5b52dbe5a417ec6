"""Where the slices of big tables are checked: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from gen3submit.errors import UsageProblem
from gen3submit.messages import command_line as words


@contextmanager
def executor(workers: int | None, dask: str | None) -> Iterator[Executor | None]:
    """The executor that the options name; None: threads of this process.

    Raises:
        UsageProblem: both are named, distributed is not installed, or the cluster cannot be reached.
    """
    if workers is not None and dask is not None:
        raise UsageProblem(words.workers_and_dask())
    if workers is not None:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(workers) as pool:
            yield pool
    elif dask is not None:
        try:
            from distributed import Client
        except ImportError:
            raise UsageProblem(words.dask_missing()) from None
        try:
            client = Client(dask, timeout=10)
        except (OSError, ValueError, TimeoutError) as error:
            raise UsageProblem(words.dask_unreachable(dask, str(error))) from None
        with client:
            yield client.get_executor()
    else:
        yield None
