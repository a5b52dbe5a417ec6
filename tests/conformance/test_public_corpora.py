"""The whole of the public recordings, scored by the programs that stand beside them.

They are no part of this project: `GEN3SUBMIT_CONFORMANCE` names their folder. Left out unless asked for with
`-m conformance`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("GEN3SUBMIT_CONFORMANCE") or "no folder is named")
CORPORA = ("gen3dictionary", "midrc", "covid19")
PERCENT = r"(\w+) ([\d.]+)%"

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(
        not (FOLDER / "judge.py").is_file(), reason="GEN3SUBMIT_CONFORMANCE names no folder with the recordings"
    ),
]


def scores(program: str, *arguments: str) -> tuple[dict[str, float], str]:
    """The scores in the last line that the program says, and all it says."""
    run = subprocess.run(
        [sys.executable, program, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=1_800
    )
    assert run.returncode == 0, run.stderr
    last = run.stdout.strip().splitlines()[-1]
    return {name: float(share) for name, share in re.findall(PERCENT, last)}, run.stdout


@contextmanager
def practice_commons(dictionary: Path) -> Iterator[str]:
    """The URL of a practice commons with this dictionary, its records in memory."""
    command = [sys.executable, "-m", "gen3submit", "sandbox", "--port", "0", "--dictionary", str(dictionary)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_checker_says_what_the_server_said(corpus: str) -> None:
    got, said = scores("judge.py", corpus)
    assert got["verdict"] == 100, said
    assert got["cause"] >= 99.5, said
    assert got["loss"] == 100, said


@pytest.mark.parametrize(
    ("corpus", "verdict", "cause", "message"),
    [*((corpus, 100, 99.5, 97) for corpus in CORPORA), ("services", 98, 97, 93)],
)
def test_the_practice_commons_answers_what_the_server_answered(
    corpus: str, verdict: float, cause: float, message: float
) -> None:
    with practice_commons(FOLDER / corpus / "dictionary.json") as url:
        got, said = scores("replay.py", f"{url}/api/v0/submission", corpus)
    assert got["verdict"] >= verdict, said
    assert got["cause"] >= cause, said
    assert got["message"] >= message, said
