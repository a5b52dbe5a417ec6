"""The command line as a person runs it: help, exit codes, one clear sentence for every mistake."""

from __future__ import annotations

import http.server
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen3submit.cli.main import run
from gen3submit.messages import command_line

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "sample_data" / "study"
MISTAKES = ROOT / "sample_data" / "mistakes"


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that runs the tests is looked at."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith(("GEN3", "XDG_"))]:
        monkeypatch.delenv(name)


def gen3submit(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "gen3submit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)  # type: ignore[call-overload,no-any-return]  # a dozen keywords


def test_help_is_the_same_with_and_without_loading_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    quick = gen3submit("--help")
    assert quick.returncode == 0
    assert run(["--help"]) == 0
    assert quick.stdout == capsys.readouterr().out == command_line.main_help()


def test_help_loads_neither_tables_nor_schemas_nor_the_network() -> None:
    code = (
        "import sys; sys.argv = ['gen3submit', '--help']\n"
        "try:\n    import gen3submit.__main__ as m; m.main()\n"
        "except SystemExit: pass\n"
        "print([n for n in ('click', 'pandas', 'pyarrow', 'jsonschema', 'requests', 'rich') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", [command.name for command in command_line.COMMANDS])
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: gen3submit {name}")
    assert len(shown.splitlines()) > 3


def test_a_clean_submission_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(STUDY), "--commons", "sandbox"]) == 0
    assert "822" in capsys.readouterr().out


def test_findings_end_with_1_and_name_line_column_and_value(capsys: pytest.CaptureFixture[str]) -> None:
    file = MISTAKES / "value-not-allowed.tsv"
    assert run(["check", str(file), "--commons", "sandbox", "--existing", str(STUDY)]) == 1
    shown = capsys.readouterr().out
    assert re.search(r"value-not-allowed\.tsv:4\s+sample_type", shown)
    assert "Primary Tumour" in shown
    assert "Primary Tumor" in shown


USAGE = {
    "a file that is not there": (["check", "nowhere.tsv", "--commons", "sandbox"], "nowhere.tsv"),
    "a folder without tables": (["check", "empty", "--commons", "sandbox"], "no tables"),
    "a file that is no table": (["check", "notes.md", "--commons", "sandbox"], ".md"),
    "a pattern that matches nothing": (["check", "x*.tsv", "--commons", "sandbox"], "matches"),
    "no dictionary": (["check", str(STUDY)], "--dictionary"),
    "a dictionary that is not there": (["check", str(STUDY), "--dictionary", "nowhere"], "nowhere"),
    "a dictionary that is none": (["check", str(STUDY), "--dictionary", "broken.json"], "broken.json"),
    "a project that is none": (["check", str(STUDY), "--commons", "sandbox", "--project", "X"], "PROGRAM-CODE"),
    "a commons that is no address": (["check", str(STUDY), "--commons", "not an address"], "not an address"),
    "an unknown ending of a report": (["check", str(STUDY), "--commons", "sandbox", "--report", "a.docx"], "a.docx"),
    "processes and a cluster": (
        ["check", str(STUDY), "--commons", "sandbox", "--workers", "2", "--dask", "tcp://127.0.0.1:9"],
        "--workers",
    ),
    "an unknown option": (["check", str(STUDY), "--nonsense"], "--nonsense"),
    "an unknown command": (["nonsense"], "nonsense"),
    "data without a sandbox": (
        ["check", str(STUDY), "--dictionary", str(ROOT / "schemas"), "--data", "x.db"],
        "sandbox",
    ),
}


@pytest.mark.parametrize(("arguments", "named"), USAGE.values(), ids=USAGE)
def test_what_cannot_be_used_is_one_sentence_and_exit_2(
    arguments: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.md").write_text("notes")
    (tmp_path / "broken.json").write_text("{")
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert named in shown.err
    assert "Traceback" not in shown.err


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<html><title>Welcome</title></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def web_page() -> Iterator[str]:
    """A server that answers everything with a page."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_web_page_instead_of_a_commons_is_one_sentence(web_page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(STUDY), "--commons", web_page, "--project", "practice-study"]) == 2
    error = capsys.readouterr().err
    assert web_page in error
    assert "Traceback" not in error


def test_a_refused_connection_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(STUDY), "--commons", "http://127.0.0.1:9", "--project", "practice-study"]) == 2
    error = capsys.readouterr().err
    assert "127.0.0.1:9" in error
    assert "Traceback" not in error


def test_a_damaged_key_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "credentials.json"
    key.write_text('{"api_key": "not-a-token", "key_id": "x"}')
    arguments = ["check", str(STUDY), "--commons", "http://127.0.0.1:9", "--credentials", str(key)]
    assert run([*arguments, "--project", "practice-study"]) == 2
    error = capsys.readouterr().err
    assert "credentials.json" in error
    assert "not-a-token" not in error


def test_a_bug_ends_with_70_and_leaves_its_details_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("gen3submit.checking.check", broken)
    assert run(["check", str(STUDY), "--commons", "sandbox"]) == 70
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    log = re.search(r"written to (\S+)", error)
    assert log is not None
    assert "boom" in Path(log[1]).read_text()


def test_a_reader_that_has_gone_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m gen3submit check {STUDY} --commons sandbox --format json | head -c 10",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "gen3submit:" not in done.stderr


def test_the_sandbox_says_its_address_first_answers_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gen3submit", "sandbox", "--port", "0", "--data", str(tmp_path / "practice.db")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    try:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        with urllib.request.urlopen(f"{url}/api/v0/submission/_dictionary", timeout=10) as answer:
            assert b"sample" in answer.read()
    finally:
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "practice" in error
    assert "Traceback" not in error
