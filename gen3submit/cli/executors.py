"""Where the slices of big tables are checked: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from operator import attrgetter
from typing import Any

import click

import gen3submit
from gen3submit.errors import UsageProblem
from gen3submit.messages import command_line as words

CONNECT = 10.0
"""Seconds to reach a scheduler."""


@contextmanager
def executor(workers: int | None, dask: str | None) -> Iterator[Executor | None]:
    """The executor that the options name; None: threads of this process.

    Raises:
        UsageProblem: both are named, distributed is not installed, or the cluster cannot be reached.
    """
    if workers is not None and dask is not None:
        raise UsageProblem(words.workers_and_dask())
    if workers is not None:
        with _processes(workers) as pool:
            yield pool
    elif dask is not None:
        with _cluster(dask) as pool:
            yield pool
    else:
        yield None


@contextmanager
def _processes(workers: int) -> Iterator[Executor]:
    from concurrent.futures import ProcessPoolExecutor  # most checks are read in threads, and need none of it

    # Where processes are forked they get what is loaded; and it is done before there are threads.
    import gen3submit.checking.columnar.running  # noqa: F401  # as just said

    pool = ProcessPoolExecutor(workers, initializer=_as_a_worker)
    try:
        pool.submit(os.getpid)
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _as_a_worker() -> None:
    """Leave Ctrl-C to the process that gave us work, and end with it."""
    import multiprocessing  # as above

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    import asyncio  # as above

    try:
        distributed: Any = import_module("distributed")  # it has types for a part of its functions
    except ImportError:
        raise UsageProblem(words.dask_missing()) from None
    security = distributed.Security()

    async def reach() -> None:
        connect = distributed.comm.core.connect
        await (await connect(address, CONNECT, **security.get_connection_args("client"))).close()

    before = logging.root.manager.disable
    logging.disable()  # what goes wrong, we say in one sentence
    try:
        try:
            asyncio.run(reach())  # a client that fails to connect ends late, and with a traceback
        except (OSError, ValueError, TypeError, RuntimeError) as error:  # an odd address gives any of these
            raise UsageProblem(words.dask_unreachable(address, str(error) or type(error).__name__)) from None
        with distributed.Client(address, timeout=CONNECT, security=security, set_as_default=False) as client:
            if not client.scheduler_info()["workers"]:
                click.echo(words.dask_without_workers(address), err=True)
                client.wait_for_workers(1)
            _require_same_version(client)
            yield client.get_executor(pure=False)
    finally:
        logging.disable(before)


def _require_same_version(client: Any) -> None:
    """See that scheduler and workers have this gen3submit: a worker that cannot load its work never answers.

    Raises:
        UsageProblem: one of them has none, or another one.
    """
    version = attrgetter("__version__")
    found = client.run(version, gen3submit, on_error="return")
    try:
        found["scheduler"] = client.run_on_scheduler(version, gen3submit)
    except ImportError:
        found["scheduler"] = None
    for place, there in found.items():
        if there != gen3submit.__version__:
            has = there if isinstance(there, str) else None
            raise UsageProblem(words.dask_differs(place, has, gen3submit.__version__))
