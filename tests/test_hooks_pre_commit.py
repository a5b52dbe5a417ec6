"""The pre-commit hook and the GitHub Action: what they declare, and what their commands do."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gen3submit.dictionary import practice_dictionary_folder

ROOT = Path(__file__).parent.parent
SAMPLE_DATA = ROOT / "sample_data"
DICTIONARY = str(practice_dictionary_folder())


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables with a `gen3submit` on the path, and nothing of this machine's settings."""
    commands = tmp_path / "bin"
    commands.mkdir()
    script = commands / "gen3submit"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m gen3submit "$@"\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GEN3", "XDG_", "INPUT_"))}
    search = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    return {**kept, "HOME": str(tmp_path), "PATH": f"{commands}{os.pathsep}{kept['PATH']}", "PYTHONPATH": search}


def the_hook() -> dict[str, Any]:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert len(hooks) == 1
    hook: dict[str, Any] = hooks[0]
    return hook


def hook(files: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the hook's entry as pre-commit does: the files that changed at its end."""
    return subprocess.run(
        [*shlex.split(the_hook()["entry"]), *files],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    shutil.copytree(SAMPLE_DATA / "study", folder / "data")
    (folder / "gen3submit.toml").write_text(
        f'dictionary = "{Path(DICTIONARY).as_posix()}"\nproject = "practice-study"\n', encoding="utf-8"
    )
    return folder


def test_the_hook_looks_at_tables_alone() -> None:
    pattern = re.compile(the_hook()["files"])
    assert {name for name in ("a/sample.tsv", "b.csv", "notes.md", "c.tsv.gz", "tsv") if pattern.search(name)} == {
        "a/sample.tsv",
        "b.csv",
    }
    assert the_hook()["id"] == "gen3submit-check"
    assert the_hook()["require_serial"] is True


def test_the_manifest_is_one_that_pre_commit_takes() -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    assert clientlib.load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))


def test_the_hook_passes_clean_tables_with_the_settings_of_the_repository(
    repository: Path, environment: dict[str, str]
) -> None:
    done = hook(["data/sample.tsv", "data/subject.tsv"], repository, environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_hook_fails_tables_with_mistakes_and_names_the_place(repository: Path, environment: dict[str, str]) -> None:
    shutil.copy(SAMPLE_DATA / "mistakes" / "value-letter-case.tsv", repository / "data" / "bad.tsv")
    done = hook(["data/bad.tsv"], repository, environment)
    assert done.returncode == 1
    assert "error[value-not-allowed] data/bad.tsv:3" in done.stdout


def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return found


def run_action(folder: Path, environment: dict[str, str], inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the last step as a runner does, each variable filled in from the inputs and their defaults."""
    declared = action()["inputs"]
    assert inputs.keys() <= declared.keys()
    values = {name: inputs.get(name, each.get("default", "")) for name, each in declared.items()}
    step = action()["runs"]["steps"][-1]
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], text)
        for name, text in step["env"].items()
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_input_of_the_action_is_used_and_none_is_pasted_into_a_script() -> None:
    declared = action()
    assert declared["runs"]["using"] == "composite"
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", yaml.safe_dump(declared["runs"])))
    assert used == declared["inputs"].keys()
    for step in declared["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="the action's script is for bash")
def test_the_action_annotates_the_lines_and_fails(tmp_path: Path, environment: dict[str, str]) -> None:
    paths = "value-letter-case.tsv\nboolean-yes.tsv\n"
    inputs = {"paths": paths, "dictionary": DICTIONARY, "project": "practice-study"}
    inputs |= {"existing": str(SAMPLE_DATA / "study"), "report": str(tmp_path / "report.json")}
    done = run_action(SAMPLE_DATA / "mistakes", environment, inputs)
    assert done.returncode == 1, done.stderr
    assert re.search(r"^::error file=value-letter-case\.tsv,line=3", done.stdout, re.M)
    assert re.search(r"^::error file=boolean-yes\.tsv,line=4", done.stdout, re.M)
    assert (tmp_path / "report.json").exists()


@pytest.mark.skipif(shutil.which("bash") is None, reason="the action's script is for bash")
def test_an_input_of_the_action_is_never_run(tmp_path: Path, environment: dict[str, str]) -> None:
    hostile = '$(touch pwned) "; touch pwned; `touch pwned`'
    done = run_action(tmp_path, environment, {"paths": f"{hostile}\n--help", "dictionary": DICTIONARY})
    assert done.returncode == 2
    assert not (tmp_path / "pwned").exists()


@pytest.mark.skipif(shutil.which("bash") is None, reason="the action's script is for bash")
def test_the_action_passes_a_clean_submission(environment: dict[str, str]) -> None:
    inputs = {"paths": "study", "dictionary": DICTIONARY, "project": "practice-study"}
    assert run_action(SAMPLE_DATA, environment, inputs).returncode == 0
