"""The slices of big tables can be read anywhere: by threads, processes or a Dask cluster; the findings are the same."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clinic import clinic, served
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_check_agreement import CASES, THERE, submissions, tables
from test_check_by_column import big_table

from gen3submit import UsageProblem, check
from gen3submit.checking import choosing
from gen3submit.checking.columnar import elsewhere, running
from gen3submit.checking.columnar.body import Body
from gen3submit.checking.columnar.elsewhere import Reading
from gen3submit.cli.main import run

distributed = pytest.importorskip("distributed", reason="distributed is not installed (it comes with the extra `dask`)")

EVERYWHERE = ["threads", "processes", "cluster"]


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that runs the tests is looked at."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as found:
        yield found


@pytest.fixture(scope="module")
def executors(cluster: Any) -> Iterator[dict[str, Executor]]:
    # Not forked: there are threads here already.
    processes = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    with (
        ThreadPoolExecutor(3) as threads,
        processes,
        distributed.Client(cluster.scheduler_address, set_as_default=False) as client,
    ):
        yield {"threads": threads, "processes": processes, "cluster": client.get_executor()}


class Astray(Executor):
    """Reads slices as workers do that see something else than the caller under the path of the table."""

    def __init__(self, file: Path):
        self.file = file
        self.sent = 0

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.sent += sum(isinstance(each, Body) and each.file is None for each in args)
        moved = [replace(each, file=self.file) if isinstance(each, Body) and each.file else each for each in args]
        future: Future[Any] = Future()
        future.set_result(work(*moved, **kwargs))
        return future


def check_in_slices(
    monkeypatch: pytest.MonkeyPatch,
    paths: list[Path],
    executor: Executor | None,
    *,
    slice_bytes: int = 200,
    **given: Any,
) -> dict[str, Any]:
    """The check by column, in many small slices; without an executor row by row."""
    monkeypatch.setattr(running, "MOST_BYTES", slice_bytes)
    monkeypatch.setattr(running, "_LEAST_BYTES", slice_bytes)
    for name in ("LEAST_BYTES", "LEAST_BYTES_OF_A_TABLE"):
        monkeypatch.setattr(choosing, name, 1 << 62 if executor is None else -1)
    options = {"dictionary": clinic(), "project": "P-X", "existing": [], **given}
    result = check(paths, executor=executor, **options).to_dict()
    return json.loads(json.dumps(result))  # type: ignore[no-any-return]  # a dict


def write_submission(folder: Path, newline: str = "\n", *, seed: int = 1, rows: int = 120) -> list[Path]:
    """Tables with mistakes of many kinds; records repeat and refer to each other across slices and tables."""
    chance = random.Random(seed)

    def some(number: int) -> str:
        return f"C-{chance.randrange(number)}"

    cases = ["type\tsubmitter_id\tprojects.code\twhole"]
    cases += [f"case\t{name}\tX\t{name[2:]}" for name in (f"C-{number}" for number in range(rows))]
    cases += ["case\tC-3\tX\t3", "case\tc-4\tX\t4", "case\tC-900\tY\t1", "case\tC-901\tX\tfive", "case\tC-902\t\t5"]
    visits = ["type\tsubmitter_id\tcases.submitter_id\tgrade\ttext\tcode\tcounts"]
    for number in range(rows):
        # A cell in three lines is longer than a slice now and then.
        text = f'"a ""quoted"" text{newline}of three{newline}lines {"x" * chance.randrange(250)}"'
        visits.append(
            "\t".join(
                (
                    chance.choice(["visit"] * 30 + ["Visit", "", "visits"]),
                    f"V-{chance.randrange(rows * 20)}" if number % 9 else f"V-{chance.randrange(5)}",
                    chance.choice([some(rows)] * 15 + ["C-999", "", "c-5", "C-1,C-2", "null"]),
                    chance.choice(["low", "high"] * 9 + ["Low", "", "middle"]),
                    text if number % 11 == 0 else f"text {number}",
                    chance.choice(["AB1", ""] * 9 + ["ab1", "1"]),
                    chance.choice(["1,2", "3"] * 9 + ["a", "1,,2"]),
                )
            )
        )
    more = ["type\tsubmitter_id\tcases.submitter_id\tgrade", *(f"visit\tV-{n}\t{some(rows)}\tlow" for n in range(60))]
    single = ["type\tsubmitter_id\tcases.submitter_id"]
    single += [f"demographic\tD-{number}\t{some(rows // 2)}" for number in range(rows // 3)]
    samples = ["type\tsubmitter_id\tcases.submitter_id\tvisits.submitter_id"]
    samples += [
        f"sample\tS-{number}\t{chance.choice([some(rows), ''])}\t{chance.choice(['', f'V-{chance.randrange(40)}'])}"
        for number in range(rows // 2)
    ]
    paths = []
    found = {"cases": cases, "visits": visits, "visits-2": more, "demographics": single, "samples": samples}
    for name, lines in found.items():
        paths.append(folder / f"{name}.tsv")
        paths[-1].write_bytes((newline.join(lines) + newline).encode())
    return paths


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("where", EVERYWHERE)
def test_the_findings_are_the_same_wherever_slices_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, executors: dict[str, Executor], where: str, newline: str
) -> None:
    paths = write_submission(tmp_path, newline)
    by_row = check_in_slices(monkeypatch, paths, None)
    codes = by_row["summary"]["findings_by_code"]
    expected = {
        "duplicate-submitter-id",
        "duplicate-across-files",
        "parent-missing",
        "parent-taken",
        "line-break-in-cell",
    }
    assert expected <= codes.keys()
    assert len(codes) > 15
    assert check_in_slices(monkeypatch, paths, executors[where]) == by_row


@pytest.mark.parametrize("seed", range(3))
def test_tables_in_memory_and_records_already_there_make_no_difference(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, executors: dict[str, Executor], seed: int
) -> None:
    import pandas as pd

    paths = write_submission(tmp_path, seed=seed, rows=60)
    before = [tmp_path / "before.tsv"]
    before[0].write_text(THERE)
    frames = [pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, index_col=False) for path in paths]
    by_row = check_in_slices(monkeypatch, frames, None, existing=[paths[0], *before])  # type: ignore[arg-type]  # frames
    there = check_in_slices(monkeypatch, frames, executors["processes"], existing=[paths[0], *before])  # type: ignore[arg-type]  # frames
    assert there == by_row


@settings(
    max_examples=100,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    files=st.one_of(tables().map(lambda table: {"a.tsv": table}), submissions()),
    before=st.sampled_from([None, (), (CASES,), (CASES, THERE)]),
    slice_bytes=st.integers(1, 80),
)
def test_any_submission_cut_anywhere_gets_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
    executors: dict[str, Executor],
    files: dict[str, str],
    before: tuple[str, ...] | None,
    slice_bytes: int,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.write_bytes(text.encode())
        existing = None
        if before is not None:
            existing = [Path(folder) / f"there-{number}.tsv" for number in range(len(before))]
            for path, text in zip(existing, before, strict=True):
                path.write_bytes(text.encode())
        by_row = check_in_slices(monkeypatch, paths, None, existing=existing)
        there = check_in_slices(monkeypatch, paths, executors["processes"], existing=existing, slice_bytes=slice_bytes)
    assert there == by_row


@pytest.mark.parametrize("other", ["nothing", "a folder", "a shorter file", "a file of the same length"])
def test_workers_that_do_not_see_the_file_are_sent_its_bytes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: str
) -> None:
    table = "type\tsubmitter_id\tprojects.code\twhole\n" + "".join(f"case\tC-{n}\tX\tfive\n" for n in range(50))
    (tmp_path / "cases.tsv").write_text(table)
    elsewhere_ = tmp_path / "elsewhere"
    if other == "a folder":
        elsewhere_.mkdir()
    elif other != "nothing":
        elsewhere_.write_text(table.replace("five", "five"[::-1] if other == "a file of the same length" else ""))
    astray = Astray(elsewhere_)
    by_row = check_in_slices(monkeypatch, [tmp_path / "cases.tsv"], None)
    assert check_in_slices(monkeypatch, [tmp_path / "cases.tsv"], astray) == by_row
    assert astray.sent > 2
    assert by_row["summary"]["errors"] == 50


def die(*_: object) -> Reading:
    os._exit(9)


def fail(*_: object) -> Reading:
    raise RuntimeError("no luck")


def starve(*_: object) -> Reading:
    return Reading(elsewhere.gen3submit.__version__, failure=MemoryError())


def be_old(*_: object) -> Reading:
    return Reading("0.0.1")


def lack_it(*_: object) -> Reading:
    raise ModuleNotFoundError("No module named 'gen3submit'")


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (die, "a worker died while it read this table, perhaps for want of memory; take fewer workers"),
        (starve, "a worker died while it read this table, perhaps for want of memory; take fewer workers"),
        (fail, "the workers could not read this table: RuntimeError: no luck"),
        (be_old, "the workers run gen3submit 0.0.1, and this is"),
        (lack_it, "the workers or their scheduler cannot load gen3submit (No module named 'gen3submit'); install"),
    ],
)
def test_what_goes_wrong_in_a_process_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, work: Callable[..., Reading], said: str
) -> None:
    paths = write_submission(tmp_path)
    monkeypatch.setattr(elsewhere, "read_there", work)
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    with pool, pytest.raises(UsageProblem, match=re.escape(said)):
        check_in_slices(monkeypatch, paths, pool)


def test_a_dask_worker_that_dies_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import dask

    paths = write_submission(tmp_path)
    monkeypatch.setattr(elsewhere, "read_there", die)
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
        pytest.raises(UsageProblem, match="a worker died while it read this table"),
    ):
        check_in_slices(monkeypatch, paths, client.get_executor())


def test_an_error_of_our_own_is_not_taken_for_one_of_the_executor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("ours")

    paths = write_submission(tmp_path)
    monkeypatch.setattr(elsewhere, "facts_of", broken)
    with ThreadPoolExecutor(1) as threads, pytest.raises(ZeroDivisionError, match="ours") as raised:
        check_in_slices(monkeypatch, paths, threads)
    assert "Traceback" in raised.value.__notes__[0]


def write_big(folder: Path) -> list[str]:
    """What the command line is given to check tables big enough to be cut without being asked to."""
    (folder / "dictionary.json").write_text(json.dumps(served()))
    (folder / "cases.tsv").write_text(CASES)
    (folder / "visits.tsv").write_text(big_table(40_000, 3))
    return ["check", "cases.tsv", "visits.tsv", "--dictionary", "dictionary.json", "--project", "P-X"]


def gen3submit(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, in which the code is run before."""
    start = f"{code}\nfrom gen3submit.__main__ import main\nmain()"
    command = [sys.executable, "-c", start, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_finds_the_same_with_workers_and_on_a_cluster(tmp_path: Path, cluster: Any) -> None:
    arguments = [*write_big(tmp_path), "--format", "json"]
    alone = gen3submit(*arguments)
    assert json.loads(alone.stdout)["summary"]["errors"] > 300
    assert alone.returncode == 1
    with_workers = gen3submit(*arguments, "--workers", "2")
    assert (with_workers.stdout, with_workers.stderr, with_workers.returncode) == (alone.stdout, "", 1)
    on_cluster = gen3submit(*arguments, "--dask", cluster.scheduler_address)
    assert (on_cluster.stdout, on_cluster.stderr, on_cluster.returncode) == (alone.stdout, "", 1)
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        assert any(client.run(lambda: "gen3submit.checking.columnar.facts" in sys.modules).values())


def test_a_scheduler_that_cannot_be_reached_is_said_and_ends_with_2(tmp_path: Path) -> None:
    code = "import gen3submit.cli.executors as executors; executors.CONNECT = 1.0"
    done = gen3submit(*write_big(tmp_path), "--dask", "tcp://127.0.0.1:9", code=code)
    assert done.returncode == 2
    assert re.fullmatch("gen3submit: the Dask scheduler at tcp://127.0.0.1:9 cannot be reached: .*\n", done.stderr), (
        done.stderr
    )


@pytest.mark.parametrize(
    ("address", "why"), [("nowhere", "missing port number"), ("http://x:1", "unknown address scheme")]
)
def test_an_address_that_is_none_is_said_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str, why: str
) -> None:
    assert run([*write_big(tmp_path), "--dask", address]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"gen3submit: the Dask scheduler at {address} cannot be reached: {why}")
    assert said.count("\n") == 1


def test_a_cluster_needs_distributed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run([*write_big(tmp_path), "--dask", "tcp://127.0.0.1:9"]) == 2
    said = "gen3submit: --dask needs distributed; install it with `pip install 'gen3submit[dask]'`\n"
    assert capsys.readouterr().err == said


def test_workers_and_a_cluster_exclude_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*write_big(tmp_path), "--workers", "2", "--dask", "tcp://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err == "gen3submit: --workers and --dask exclude each other\n"


def test_a_cluster_with_another_version_is_refused(
    tmp_path: Path, cluster: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worker that cannot load its work never answers: so it is asked first."""
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        worker = next(iter(client.scheduler_info()["workers"]))
        here = elsewhere.gen3submit.__version__
        client.run(set_version, "0.0.1", workers=[worker])
        try:
            assert run([*write_big(tmp_path), "--dask", cluster.scheduler_address]) == 2
        finally:
            client.run(set_version, here, workers=[worker])
    assert capsys.readouterr().err == (
        f"gen3submit: the Dask worker at {worker} should have gen3submit {here} and has 0.0.1;"
        " install the same version where the scheduler and the workers run\n"
    )


def set_version(version: str) -> None:
    elsewhere.gen3submit.__version__ = version


def test_a_cluster_without_workers_is_waited_for(tmp_path: Path) -> None:
    arguments = write_big(tmp_path)
    with distributed.LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=":0") as cluster:
        command = [sys.executable, "-m", "gen3submit", *arguments, "--dask", cluster.scheduler_address]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert "has no workers; waiting for one" in process.stderr.readline()
            cluster.scale(1)
            shown, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "would not go in, with" in shown


WORKER = """
import os, time
from pathlib import Path
from gen3submit.checking.columnar import elsewhere
def read_there(*_):
    {}
elsewhere.read_there = read_there
"""
forked = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="what a worker does is replaced only where it is forked"
)


@forked
def test_a_worker_that_dies_ends_the_command_with_2(tmp_path: Path) -> None:
    done = gen3submit(*write_big(tmp_path), "--workers", "2", code=WORKER.format("os._exit(9)"))
    assert done.returncode == 2
    said = "gen3submit: visits.tsv: a worker died while it read this table, perhaps for want of memory"
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


@forked
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_command(tmp_path: Path, how: signal.Signals) -> None:
    """Ctrl-C in a terminal goes to the command and its workers alike; a kill to the command alone."""
    code = WORKER.format("Path('started').touch(); time.sleep(3)") + "\nfrom gen3submit.__main__ import main\nmain()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *write_big(tmp_path), "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not Path("started").exists() and process.poll() is None:
        time.sleep(0.05)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.kill()
    shown, said = process.communicate(timeout=30)  # until whoever has its standard output has ended, too
    assert (shown, said.strip()) == ("", "gen3submit: interrupted" if how is signal.SIGINT else "")
    assert process.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
