"""``explain``, ``completion`` and ``check --watch`` as they are used."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen3submit.cli.main import run
from gen3submit.dictionary import practice_dictionary_folder

ROOT = Path(__file__).parent.parent
MISTAKES = ROOT / "sample_data" / "mistakes"
WHERE = ["--dictionary", str(practice_dictionary_folder())]


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("GEN3", "_GEN3"))]:
        monkeypatch.delenv(name)


def completions(words: str, shell: str = "bash") -> list[str]:
    """What a shell would offer after these words."""
    typed = words.split(" ")
    environment = {
        **os.environ,
        "_GEN3SUBMIT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(typed) - 1),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "gen3submit"], env=environment, capture_output=True, text=True, check=True
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_a_code_is_explained_without_a_dictionary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "value-not-allowed"]) == 0
    assert "value-not-allowed (error)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "told"),
    [("sample", "a node type"), ("sample.sample_type", "`Plasma`"), ("sample.subjects.submitter_id", "`subject`")],
)
def test_names_of_the_dictionary_are_explained(name: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", name, *WHERE]) == 0
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "similar"),
    [
        (["wrong-typ"], "`wrong-type`"),
        (["sampel", *WHERE], "`sample`"),
        (["sample.sampletype", *WHERE], "`sample_type`"),
    ],
)
def test_a_name_that_is_not_there_is_one_sentence_with_the_nearest_one(
    arguments: list[str], similar: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", *arguments]) == 2
    err = capsys.readouterr().err
    assert similar in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_asks_this_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert f"_GEN3SUBMIT_COMPLETE={shell}_complete" in out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=out, text=True, check=True)


def test_commands_options_and_their_values_are_completed() -> None:
    assert "template" in completions("gen3submit ")
    assert completions("gen3submit templ") == ["template"]
    assert completions("gen3submit check --watc") == ["--watch"]
    assert completions("gen3submit check --format j") == ["json", "junit"]


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    path = tmp_path / "sample.tsv"
    shutil.copy(MISTAKES / "value-letter-case.tsv", path)
    command = [sys.executable, "-u", "-m", "gen3submit", "check", str(path), *WHERE, "--format", "concise", "--watch"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    yield process, path
    process.kill()
    process.communicate()


def verdict(process: subprocess.Popen[str]) -> str:
    """The last line of the next report."""
    assert process.stdout is not None
    for line in process.stdout:
        if " rows" in line:
            return line
    raise AssertionError("it ended")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for another process there")
def test_watch_checks_again_when_a_table_changes_and_ends_with_130(
    watching: tuple[subprocess.Popen[str], Path],
) -> None:
    process, path = watching
    assert "1 of 3 rows would not go in" in verdict(process)
    path.write_text(path.read_text(encoding="utf-8").replace("\tplasma", "\tPlasma"), encoding="utf-8")
    assert "everything would go in" in verdict(process)
    path.unlink()  # not there for a moment, as editors do it
    time.sleep(0.7)
    shutil.copy(MISTAKES / "value-letter-case.tsv", path)
    assert "1 of 3 rows would not go in" in verdict(process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "there is no such file" in err
    assert "Traceback" not in err
