"""The commands of the API as a person runs them, against a practice commons on a socket."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from api_practice import STUDY, Api, on_a_socket, with_study
from commons_stub import CANARY, Reply, Stub, api_key, running_stub

from gen3submit.cli.main import run
from gen3submit.deleting import carrying
from gen3submit.messages import command_line

SUB = "/api/v0/submission"
SCHEMAS = Path(__file__).parent.parent / "schemas"


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Command = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own; nothing of the machine that runs the tests is looked at."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith(("GEN3", "XDG_"))]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def gen3submit(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def command(*arguments: str | Path) -> Done:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        assert CANARY not in shown.out + shown.err
        assert code != 70, shown.err
        return Done(code, shown.out, shown.err)

    return command


def settings(home: Path, url: str, project: str = "practice-study") -> None:
    """What a user has set up: credentials that nobody else reads, and a configuration file."""
    key = home / ".gen3" / "credentials.json"
    key.parent.mkdir(exist_ok=True)
    key.write_text(json.dumps(api_key(url)))
    key.chmod(0o600)
    (home / "gen3submit.toml").write_text(f'commons = "{url}"\nproject = "{project}"\n')


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    """A study that no test changes."""
    with with_study() as api:
        yield api


@pytest.fixture
def study(served: Api, home: Path) -> Api:
    settings(home, served.commons.endpoint)
    return served


@pytest.fixture
def empty(home: Path) -> Iterator[Api]:
    with on_a_socket() as api:
        settings(home, api.commons.endpoint)
        yield api


@pytest.fixture
def stub(home: Path) -> Iterator[Stub]:
    with running_stub() as stub:
        settings(home, stub.url)
        yield stub


# auth


def test_auth_check_says_who_and_what(study: Api, gen3submit: Command) -> None:
    done = gen3submit("auth", "check")
    assert done.code == 0
    assert "`submitter`" in done.lines[0]
    assert any(line.split() == ["practice-study", "yes", "yes", "yes", "yes", "yes"] for line in done.lines)
    assert done.lines[-1] == "you may submit to `practice-study`"
    assert done.err == ""
    assert gen3submit("auth", "check", "--format", "json").json["projects"]["practice-study"]["submits"] is True


def test_auth_check_without_the_right_to_submit_ends_with_1(stub: Stub, gen3submit: Command) -> None:
    granted = [{"service": "sheepdog", "method": "create"}]
    stub.on("GET /user/user/", {"username": "ada", "authz": {"/programs/practice/projects/study": granted}})
    done = gen3submit("auth", "check")
    assert done.code == 1
    assert "`update` is missing" in done.out
    assert "transaction log" in done.out
    assert gen3submit("auth", "check", "--format", "json").code == 1


def test_auth_check_warns_of_a_key_that_others_can_read(home: Path, study: Api, gen3submit: Command) -> None:
    (home / ".gen3" / "credentials.json").chmod(0o644)
    assert "chmod 600" in gen3submit("auth", "check").err


def test_auth_check_with_an_expired_key_is_one_sentence(home: Path, study: Api, gen3submit: Command) -> None:
    (home / "old.json").write_text(json.dumps(api_key(study.commons.endpoint, expires_in=-86_400)))
    done = gen3submit("auth", "check", "--credentials", "old.json")
    assert (done.code, done.out) == (2, "")
    assert "expired" in done.err
    assert done.err.count("\n") <= 2


def test_auth_check_sends_the_key_to_nobody_else(study: Api, stub: Stub, home: Path, gen3submit: Command) -> None:
    (home / "other.json").write_text(json.dumps(api_key("https://commons.example.org")))
    done = gen3submit("auth", "check", "--credentials", "other.json")
    assert done.code == 2
    assert "commons.example.org" in done.err
    assert stub.seen == []


# projects


def test_programs_and_projects_are_made_listed_and_put_into_review(empty: Api, gen3submit: Command) -> None:
    assert gen3submit("create", "program", "DEV").code == 0
    done = gen3submit("create", "project", "DEV-test-1")
    assert done.code == 0
    assert "`DEV-test-1`" in done.err
    again = gen3submit("create", "project", "DEV-test-1")
    assert again.code == 2
    assert "exists already" in again.err
    assert gen3submit("create", "project", "DEV-test-1", "--exist-ok").code == 0
    assert gen3submit("create", "program", "DEV", "--exist-ok").code == 0
    assert gen3submit("project", "review", "DEV-test-1").code == 0
    listed = gen3submit("projects", "--format", "json").json
    assert [(each["project_id"], each["state"]) for each in listed] == [
        ("DEV-test-1", "review"),
        ("practice-study", "open"),
    ]
    assert gen3submit("project", "review", "DEV-test-1").code == 2
    assert gen3submit("project", "open", "DEV-test-1").code == 0
    assert gen3submit("projects", "DEV").lines == ["project     state", "DEV-test-1  open"]
    assert gen3submit("projects", "nope").code == 2


@pytest.mark.parametrize("name", ["a-b", "graphql", "../x", "a b", "é", ""])
def test_names_that_make_trouble_are_refused(name: str, empty: Api, gen3submit: Command) -> None:
    done = gen3submit("create", "program", name)
    assert done.code == 2
    assert "cannot be called" in done.err
    assert empty.commons.programs() == ["practice"]


# dictionary


def test_a_dictionary_is_fetched_and_used(study: Api, gen3submit: Command, home: Path) -> None:
    done = gen3submit("dictionary", "fetch")
    assert done.code == 0
    assert "16 node types" in done.err
    assert gen3submit("dictionary", "fetch", "folder").code == 0
    assert gen3submit("dictionary", "diff", "dictionary.json", "folder").code == 0
    assert gen3submit("dictionary", "diff", SCHEMAS).out.startswith("the dictionaries do not differ")
    assert json.loads(gen3submit("dictionary", "fetch", "-").out).keys() >= {"sample", "_terms"}
    assert gen3submit("dictionary", "fetch", "folder").code == 2


def test_a_dictionary_of_a_commons_that_is_not_reached_is_not_written(home: Path, gen3submit: Command) -> None:
    """Although the one of an earlier day is kept for checks."""
    with on_a_socket() as api:
        settings(home, api.commons.endpoint)
        assert gen3submit("dictionary", "fetch", "first.json").code == 0
    done = gen3submit("dictionary", "fetch", "second.json")
    assert done.code == 2
    assert "cannot be reached" in done.err
    assert not (home / "second.json").exists()


def test_what_changed_is_told_with_the_files_it_touches(study: Api, gen3submit: Command, home: Path) -> None:
    assert gen3submit("dictionary", "fetch", "new").code == 0
    path = home / "new" / "sample.yaml"
    path.write_text(re.sub(" *- Plasma\n", "", path.read_text()))
    done = gen3submit("dictionary", "diff", SCHEMAS, "new", "--files", STUDY)
    assert done.code == 1
    assert "  ! `sample_type` no longer allows `Plasma`" in done.lines
    assert any("sample.tsv: 13 rows" in line for line in done.lines)
    assert done.lines[-1] == "1 of 12 files is touched"
    assert gen3submit("dictionary", "diff", SCHEMAS, "new", "--files", STUDY / "subject.tsv").code == 0
    found = gen3submit("dictionary", "diff", SCHEMAS, "new", "--format", "json")
    assert (found.code, [change["kind"] for change in found.json["changes"]]) == (1, ["values-removed"])


def test_what_is_compared_is_the_commons_although_the_settings_name_a_dictionary(
    empty: Api, gen3submit: Command, home: Path
) -> None:
    assert gen3submit("dictionary", "fetch", "mine").code == 0
    path = home / "mine" / "sample.yaml"
    path.write_text(re.sub(" *- Plasma\n", "", path.read_text()))
    with (home / "gen3submit.toml").open("a") as file:
        file.write('dictionary = "mine"\n')
    done = gen3submit("dictionary", "diff", "mine")
    assert done.code == 1
    assert "also allows `Plasma`" in done.out


def test_one_dictionary_alone_cannot_be_compared(home: Path, gen3submit: Command) -> None:
    assert gen3submit("dictionary", "diff", SCHEMAS).code == 2


def test_the_dictionary_is_shown(study: Api, gen3submit: Command) -> None:
    assert any(
        line.startswith("aliquot ") and line.endswith("sample") for line in gen3submit("dictionary", "show").lines
    )
    assert "Primary Tumor" in gen3submit("dictionary", "show", "sample.sample_type").out
    done = gen3submit("dictionary", "show", "sampl")
    assert done.code == 2
    assert "similar: `sample`" in done.err
    assert gen3submit("dictionary", "show", "wrong-type").code == 2  # a finding code is not meant here


# query


def test_queries_are_answered_as_json_table_and_tsv(study: Api, gen3submit: Command) -> None:
    query = '{study(order_by_asc: "submitter_id") {submitter_id projects {code}}}'
    assert gen3submit("query", query).json["study"][0]["projects"] == [{"code": "study"}]
    assert gen3submit("query", query, "--format", "table").lines == [
        "submitter_id  projects.code",
        "STUDY-0001    study",
        "STUDY-0002    study",
    ]
    assert gen3submit("query", query, "--format", "tsv").lines[1] == "STUDY-0001\tstudy"
    two = gen3submit("query", "{study{id} subject(first: 1){id}}", "--format", "tsv")
    assert two.code == 2
    assert "one table" in two.err


def test_variables_are_sent(study: Api, gen3submit: Command) -> None:
    query = "query($name: [String]) {study(submitter_id: $name) {submitter_id}}"
    done = gen3submit("query", query, "--variables", '{"name": ["STUDY-0002"]}')
    assert done.json == {"study": [{"submitter_id": "STUDY-0002"}]}
    for bad in ("{", "[]", "5"):
        assert gen3submit("query", query, "--variables", bad).code == 2


def test_a_query_comes_from_stdin_too(study: Api, gen3submit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("{_study_count}"))
    assert gen3submit("query", "-").json == {"_study_count": 2}


def test_errors_of_a_query_are_told_in_words(study: Api, gen3submit: Command) -> None:
    done = gen3submit("query", "{study {nonsense}}")
    assert (done.code, done.out) == (2, "")
    assert "nonsense" in done.err
    assert gen3submit("query", "{study").code == 2


def test_a_list_that_was_cut_is_told(study: Api, gen3submit: Command) -> None:
    done = gen3submit("query", "{subject {id}}")
    assert done.code == 0
    assert "first: 0" in done.err
    assert gen3submit("query", "{subject(first: 0) {id}}").err == ""


def test_nothing_found_may_mean_no_right(study: Api, gen3submit: Command) -> None:
    done = gen3submit("query", '{subject(project_id: "no-such") {id}}', "--format", "table")
    assert done.code == 0
    assert "no right" in done.err


def test_every_record_of_a_node_type_is_fetched_by_pages(study: Api, gen3submit: Command) -> None:
    done = gen3submit("query", "--node", "subject", "--fields", "submitter_id,studies.submitter_id", "--format", "tsv")
    assert len(done.lines) == 49
    assert done.lines[0] == "submitter_id\tstudies.submitter_id"


def test_the_schema_is_fetched(study: Api, gen3submit: Command, home: Path) -> None:
    assert gen3submit("query", "--schema", "--output", "schema.json").code == 0
    assert "__schema" in (home / "schema.json").read_text()


@pytest.mark.parametrize("arguments", [[], ["{a}", "--schema"], ["--node", "subject"], ["--node", "x", "{a}"]])
def test_a_query_says_what_it_needs(arguments: list[str], study: Api, gen3submit: Command) -> None:
    done = gen3submit("query", *arguments)
    assert (done.code, done.out) == (2, "")


# export


def test_a_project_is_exported_checked_and_the_same(study: Api, gen3submit: Command, home: Path) -> None:
    done = gen3submit("export", "--all", "out")
    assert (done.code, done.out) == (0, "")
    assert "822 records in 12 files" in done.err
    assert gen3submit("check", "out").code == 0
    sent = gen3submit("submit", "out")
    assert sent.code == 0
    assert "822 unchanged" in sent.out
    assert gen3submit("export", "--all", "json", "--format", "json", "-q").err == ""
    assert len(json.loads((home / "json" / "sample.json").read_text())) == 88
    again = gen3submit("export", "--all", "out")
    assert again.code == 2
    assert "new folder" in again.err


def test_one_node_type_goes_to_stdout_or_a_file(study: Api, gen3submit: Command, home: Path) -> None:
    shown = gen3submit("export", "--node", "study")
    assert len(shown.lines) == 3
    done = gen3submit("export", "--node", "study", "--with-id", "--output", "study.tsv")
    assert (done.out, done.err) == ("", "study.tsv: 2 records\n")
    header, first, _ = (home / "study.tsv").read_text().splitlines()
    assert header.startswith("type\tid\tsubmitter_id")
    record_id = first.split("\t")[1]
    by_id = gen3submit("export", "--ids", record_id, "--format", "json").json
    assert [record["id"] for record in by_id] == [record_id]
    (home / "ids.txt").write_text(f"{record_id}\n\n")
    assert len(gen3submit("export", "--ids", "ids.txt").lines) == 2
    some = gen3submit("export", "--ids", f"{record_id},nonsense")
    assert (some.code, len(some.lines)) == (1, 2)
    assert "`nonsense`" in some.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--node", "sampl"], "similar: `sample`"),
        (["--node", "project"], "do not belong to a project"),
        (["--node", "sample", "--all", "x"], "exclude"),
        ([], "--all"),
        (["--all", "x", "--output", "y"], "--output"),
        (["--ids", ","], "no ids"),
        (["--ids", "../x"], "no id"),
        (["--ids", "00000000-0000-0000-0000-000000000000"], "nothing there"),
        (["--node", "sample", "--output", "no/such/folder/x"], "cannot be written"),
        (["--all", "x", "--project", "practice-nope"], "no project"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(
    arguments: list[str], named: str, study: Api, gen3submit: Command, home: Path
) -> None:
    done = gen3submit("export", *arguments)
    assert (done.code, done.out) == (2, "")
    assert named in done.err
    assert [path.name for path in home.iterdir() if path.suffix != ".toml" and path.name != ".gen3"] in ([], [".cache"])


# delete


def test_a_deletion_is_shown_asked_for_and_done(
    empty: Api, gen3submit: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.put_table((STUDY / "study.tsv").read_bytes())
    empty.put_table((STUDY / "subject.tsv").read_bytes())
    dry = gen3submit("delete", "--file", STUDY / "subject.tsv", "--dry-run")
    assert dry.code == 0
    assert "48 records (48 subject)" in dry.lines[0]
    assert gen3submit("delete", "--file", STUDY / "subject.tsv").code == 2  # nobody to ask
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    refused = gen3submit("delete", "--node", "subject")
    assert (refused.code, refused.out) == (1, "")
    assert "nothing was deleted" in refused.err
    assert len(empty.everything()["subject"]) == 48
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert gen3submit("delete", "--node", "subject").lines == ["48 records deleted"]
    assert "subject" not in empty.everything()
    again = gen3submit("delete", "--file", STUDY / "subject.tsv", "--yes")
    assert again.code == 1
    assert "not in the project" in again.out


class Terminal(io.StringIO):
    """A stdin that somebody sits at."""

    def isatty(self) -> bool:
        return True


def test_a_record_that_others_need_is_not_deleted(empty: Api, gen3submit: Command) -> None:
    empty.put_table((STUDY / "study.tsv").read_bytes())
    empty.put_table((STUDY / "subject.tsv").read_bytes())
    done = gen3submit("delete", "--node", "study", "--yes")
    assert done.code == 1
    assert "depend on it" in done.out or "depends on it" in done.out
    assert "nothing was deleted" in done.err
    assert len(empty.everything()["study"]) == 2
    found = gen3submit("delete", "--node", "study", "--dry-run", "--format", "json").json
    assert len(found["refused"]) == 2


def test_a_deletion_without_an_answer_ends_with_3(
    empty: Api, gen3submit: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert empty.practice is not None
    empty.put_table((STUDY / "study.tsv").read_bytes())
    ids = ",".join(empty.commons.all_ids(empty.project, "study"))
    monkeypatch.setattr(carrying, "_FIRST_PAUSE", 0.0)
    empty.practice.faults.plan("gateway@before", method="DELETE", times=-1, skip=1)
    done = gen3submit("delete", "--ids", ids, "--yes")
    assert done.code == 3
    assert "2 unknown" in done.out
    empty.practice.faults.clear()
    assert gen3submit("delete", "--ids", ids, "--yes", "--format", "json").json["ok"] is True


@pytest.mark.parametrize(
    "arguments", [[], ["--ids", "a", "--node", "b"], ["--file", "nowhere.tsv"], ["--node", "nope"]]
)
def test_a_deletion_says_what_it_needs(arguments: list[str], study: Api, gen3submit: Command) -> None:
    done = gen3submit("delete", *arguments, "--yes")
    assert (done.code, done.out) == (2, "")


# data files


def test_the_index_is_asked_and_searched(study: Api, gen3submit: Command) -> None:
    record = next(iter(study.commons.export(study.project, "imaging_file")))
    guid = record["object_id"]
    assert gen3submit("index", guid).json[0]["did"] == guid
    done = gen3submit("index", guid, "nonsense", "--format", "table")
    assert done.code == 1
    assert guid in done.lines[1]
    assert "`nonsense`" in done.err
    assert gen3submit("index", "--md5", record["md5sum"], "--format", "tsv").lines[1].startswith(guid)
    none = gen3submit("index", "--size", "1")
    assert (none.code, none.json) == (1, [])
    for bad in ([], [guid, "--size", "1"], ["--md5", "x"], ["../x"]):
        assert gen3submit("index", *bad).code == 2


def test_data_files_are_compared_with_the_index(study: Api, gen3submit: Command) -> None:
    done = gen3submit("files", "imaging_file", STUDY / "submitted_aligned_reads.tsv")
    assert done.code == 0
    assert len(done.lines) == 41 + 57 + 1
    assert "98 files" in done.err
    assert gen3submit("files", "imaging_file", "--problems").out == ""
    assert len(gen3submit("files", "imaging_file", "--format", "json").json) == 41
    for bad in ("sample", "nonsense", str(STUDY / "sample.tsv")):
        assert gen3submit("files", bad).code == 2


def test_check_compares_local_files(study: Api, gen3submit: Command, home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "SAMP-0001_HE.svs").write_text("short")
    done = gen3submit("check", STUDY / "imaging_file.tsv", "--files", "data")
    assert done.code == 1
    assert "error[file-size-differs]" in done.out
    assert "warning[file-missing-locally]" in done.out


# Hostile and broken commons


HOSTILE = "\x1b]0;owned\x07\x9b31m\u202e" + "A" * 50


def plain(done: Done) -> None:
    """Nothing that a terminal would obey, and no more than a person reads."""
    for text in (done.out, done.err):
        assert all(character.isprintable() or character in "\n\t" for character in text)
        assert "Traceback" not in text


def test_a_hostile_commons_shows_nothing_that_a_terminal_obeys(
    stub: Stub, gen3submit: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    rights = {f"/programs/P/projects/{HOSTILE}": [{"service": "sheepdog", "method": "*"}]}
    stub.on("GET /user/user/", {"username": HOSTILE, "email": HOSTILE, "authz": rights})
    stub.on(f"GET {SUB}/", {"links": [f"{SUB}/P{HOSTILE}", f"{SUB}/P"]})
    stub.on(f"GET {SUB}/P", {"links": [f"{SUB}/P/{HOSTILE}"]})
    stub.on(f"POST {SUB}/graphql", {"data": {HOSTILE: [{HOSTILE: HOSTILE}], "case": HOSTILE}})
    stub.on(f"GET {SUB}/getschema", {HOSTILE: HOSTILE})
    stub.on("GET /index/index/x", {"did": HOSTILE, "urls": [HOSTILE], "hashes": {"md5": HOSTILE}, "size": HOSTILE})
    stub.on("GET /index/index/", {"records": [{"did": HOSTILE}]})
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for command in (
        ["auth", "check"],
        ["auth", "check", "--format", "json"],
        ["projects"],
        ["projects", "--format", "json"],
        ["query", "{a}"],
        ["query", "{a}", "--format", "table"],
        ["query", "--schema"],
        ["index", "x"],
        ["index", "x", "--format", "table"],
        ["index", "--size", "1", "--format", "table"],
    ):
        plain(gen3submit(*command))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body="<!DOCTYPE html><title>Portal</title>", content_type="text/html"),
        Reply(body="nonsense"),
        Reply(body=[]),
        Reply(body={}),
        Reply(body="[" * 5000 + "]" * 5000),
        Reply(403, {"message": HOSTILE}),
        Reply(404, {"message": HOSTILE}),
        Reply(400, {"message": HOSTILE * 1000}),
        Reply(302, "", headers={"Location": "https://elsewhere.example.org/"}),
    ],
    ids=["page", "no JSON", "list", "object", "deep", "403", "404", "400", "redirect"],
)
@pytest.mark.parametrize(
    "command",
    [
        ["auth", "check"],
        ["projects"],
        ["project", "open", "P-X"],
        ["create", "program", "P"],
        ["create", "project", "P-X"],
        ["dictionary", "fetch", "d.json"],
        ["dictionary", "show"],
        ["query", "{a}"],
        ["query", "--schema"],
        ["export", "--all", "out", "--dictionary", str(SCHEMAS)],
        ["export", "--node", "sample", "--dictionary", str(SCHEMAS)],
        ["export", "--ids", "a,b", "--dictionary", str(SCHEMAS)],
        ["delete", "--ids", "a,b", "--yes", "--dictionary", str(SCHEMAS)],
        ["index", "x"],
        ["files", "imaging_file", "--dictionary", str(SCHEMAS)],
    ],
    ids=" ".join,
)
def test_a_broken_commons_is_one_clear_sentence(
    command: list[str], reply: Reply, stub: Stub, gen3submit: Command, home: Path
) -> None:
    stub.on("*", reply)
    done = gen3submit(*command)
    plain(done)
    assert done.code in (0, 1, 2)
    if done.code == 2:
        assert done.out in ("", "[]\n")
        assert len(done.err) < 2500
    elsewhere = [
        path for path in home.rglob("*") if path.is_file() and path.name not in ("credentials.json", "gen3submit.toml")
    ]
    assert [path for path in elsewhere if ".cache" not in path.parts] == []


GROUPS = {
    "auth": ["check"],
    "create": ["program", "project"],
    "project": ["open", "review"],
    "dictionary": ["fetch", "diff", "show"],
}


def test_every_command_of_the_commons_says_what_it_is_for(gen3submit: Command) -> None:
    for command in command_line.COMMANDS:
        if command.group == "The commons":
            for words in [[command.name], *([command.name, inner] for inner in GROUPS.get(command.name, ()))]:
                done = gen3submit(*words, "--help")
                assert done.code == 0
                assert done.lines[0].startswith(f"Usage: gen3submit {' '.join(words)}")


def test_the_help_of_a_command_loads_nothing_heavy() -> None:
    names = [command.name for command in command_line.COMMANDS if command.group == "The commons"]
    heavy = ["pandas", "pyarrow", "jsonschema", "requests", "rich", "graphql", "yaml"]
    code = (
        "import sys; from gen3submit.cli.main import run\n"
        f"for name in {names}: run([name, '--help'])\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("terminal", [True, False])
def test_values_reach_files_as_they_are_and_terminals_as_escapes(
    terminal: bool, empty: Api, gen3submit: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = "\x1b[31mred\x9b\u202e 中文\ttab"
    empty.put({"type": "study", "submitter_id": "S\x1b[0m", "projects": {"code": "study"}, "study_title": value})
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    for command in (
        ["export", "--node", "study"],
        ["query", "--node", "study", "--fields", "submitter_id,study_title", "--format", "tsv"],
    ):
        done = gen3submit(*command)
        if terminal:
            plain(done)
            assert "\\x1b[31mred" in done.out
            assert "中文" in done.out
        else:
            assert value in done.out
    plain(gen3submit("delete", "--node", "study", "--dry-run"))
