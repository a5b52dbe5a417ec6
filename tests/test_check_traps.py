"""Where the server answers success and loses, changes or keeps something, the check says so.

Each trap is sprung twice: the server's rules show what is stored in spite of the answer, and the check must have its
finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from clinic import CASES, checked, clinic

from gen3submit.findings import Severity
from gen3submit.rules.memory import MemoryStore
from gen3submit.rules.projects import project_record_id
from gen3submit.rules.store import Record
from gen3submit.rules.submission import Submissions

VISIT = "type\tsubmitter_id\tcases.submitter_id\tgrade"
NAMED = "type\tsubmitter_id\tprojects.code"
STUDY = "type\tsubmitter_id\tcases.submitter_id\n"
FILE = "type\tsubmitter_id\tcases.submitter_id\tmd5sum\tfile_size\n"
MD5 = "0123456789abcdef0123456789abcdef"
ID = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Trap:
    """A table that the server calls successful, the record to look at, and what is stored of it."""

    table: str
    record: tuple[str, str]
    """(type, submitter_id)."""
    stored: dict[str, Any] | None
    """Properties and parents (by link); None: the record is not there."""
    code: str
    severity: Severity = Severity.WARNING
    existing: Sequence[str] = (CASES,)


def value(column: str, text: str, stored: Any, code: str) -> Trap:
    table = f"{VISIT}\t{column}\nvisit\tV\tC-1\tlow\t{text}\nvisit\tW\tC-1\tlow\t\n"
    return Trap(table, ("visit", "V"), {column: stored}, code)


def lost(table: str, record: tuple[str, str], code: str, existing: Sequence[str] = (CASES,)) -> Trap:
    return Trap(table, record, None, code, Severity.ERROR, existing)


HELD = f"{NAMED}\ttext\twhole\ncase\tA\tX\told\t1\ncase\tB\tX\told\t1\n"

TRAPS = {
    "a row without a type": lost(f"{NAMED}\n\tA\tX\ncase\tB\tX\n", ("case", "A"), "type-empty"),
    "a misspelt type": lost(f"{NAMED}\ncases\tA\tX\ncase\tB\tX\n", ("case", "A"), "type-unknown"),
    "a type in another letter case": lost(f"{NAMED}\nCase\tA\tX\ncase\tB\tX\n", ("case", "A"), "type-unknown"),
    "an invisible character in a type": lost(f"{NAMED}\ncase\u200b\tA\tX\ncase\tB\tX\n", ("case", "A"), "type-unknown"),
    "two names that differ in letter case": lost(
        f"{NAMED}\ncase\tA\tX\ncase\ta\tX\ncase\tB\tX\n", ("case", "B"), "duplicate-letter-case"
    ),
    "an id for two records": lost(f"{NAMED}\tid\ncase\tA\tX\t{ID}\ncase\tB\tX\t{ID}\n", ("case", "A"), "id-taken"),
    "the id of another record": lost(
        f"{NAMED}\tid\ncase\tA\tX\t{ID}\n", ("case", "A"), "id-taken", [f"{NAMED}\tid\ncase\tB\tX\t{ID}\n"]
    ),
    "an open quote": lost(
        f'{NAMED}\ttext\ncase\tA\tX\t"open\ncase\tB\tX\t\ncase\tC\tX\tclosed"\n', ("case", "B"), "quote-swallows-rows"
    ),
    "a quote at the start of a line": lost(
        f'{NAMED}\ncase\tA\tX\n"case\tB\tX\ncase\tD\tX\n', ("case", "D"), "quote-swallows-rows"
    ),
    "an update that empties the end of the last row": Trap(
        f"{NAMED}\ttext\twhole\ncase\tA\tX\t\t\ncase\tB\tX\tnew\t\n",
        ("case", "B"),
        {"text": "new", "whole": 1},
        "value-kept",
        existing=[HELD],
    ),
    "an update that empties the end of another row": Trap(
        f"{NAMED}\ttext\twhole\ncase\tA\tX\t\t\ncase\tB\tX\tnew\t2\n",
        ("case", "A"),
        {"text": None, "whole": None},
        "value-cleared",
        existing=[HELD],
    ),
    "an update that leaves a column out": Trap(
        f"{NAMED}\ttext\ncase\tA\tX\tnew\n", ("case", "A"), {"text": "new", "whole": 1}, "value-kept", existing=[HELD]
    ),
    "None as text": value("text", "None", "None", "none-text"),
    "None in a list": value("names", "None", ["None"], "none-text"),
    "a number of too many digits": value("number", "123456789012345678", 123456789012345680, "number-changed"),
    "a number with underscores": value("number", "1_000.5", 1000.5, "number-changed"),
    "an integer with leading zeros": value("whole", "007", 7, "number-changed"),
    "an integer in other digits": value("whole", "٤٢", 42, "number-changed"),
    "a fraction in a list of integers": value("counts", "1.9,2", [1, 2], "array-item-changed"),
    "another word in a list of booleans": value("flags", "yes,ja", [True, False], "boolean-item-false"),
    "an empty item in a list": value("names", "a,,b", ["a", "", "b"], "array-empty-item"),
    "a list in brackets": value("names", "[a,b]", ["[a", "b]"], "array-brackets"),
    "white space round a value": value("text", " a ", "a", "space-trimmed"),
    "the word null": value("text", "null", None, "null-word"),
    "a line break in a cell": value("text", '"a\u2028b"', "a\nb", "line-break-in-cell"),
    "another parent where many are allowed": Trap(
        f"{STUDY}study\tS\tC-2\n",
        ("study", "S"),
        {"cases": ["C-1", "C-2"]},
        "parent-added",
        existing=[CASES, f"{STUDY}study\tS\tC-1\n"],
    ),
    "an emptied link": Trap(
        f"{STUDY[:-1]}\ttext\nstudy\tS\t\ta\n",
        ("study", "S"),
        {"cases": ["C-1"]},
        "link-kept",
        existing=[CASES, f"{STUDY}study\tS\tC-1\n"],
    ),
    "a column with the bare name of a link": Trap(
        "type\tsubmitter_id\tcases\ttext\nstudy\tS\t\ta\n",
        ("study", "S"),
        {"cases": []},
        "value-cleared",
        existing=[CASES, f"{STUDY}study\tS\tC-1\n"],
    ),
    **{
        f"a line that ends at {name}": Trap(
            f"{NAMED}\ttext\ncase\tA\tX\tone{character}two\ncase\tB\tX\t\n",
            ("case", "A"),
            {"text": "one"},
            "row-cut",
            Severity.ERROR,
        )
        for name, character in {
            "a vertical tab": "\x0b",
            "a form feed": "\x0c",
            "U+001C": "\x1c",
            "U+001D": "\x1d",
            "U+001E": "\x1e",
            "U+0085": "\x85",
            "U+2028": "\u2028",
            "U+2029": "\u2029",
        }.items()
    },
    "a column twice, the later one empty": Trap(
        f"{NAMED}\ttext\ttext\ncase\tA\tX\ta\t\ncase\tB\tX\ta\tb\n", ("case", "A"), {"text": None}, "column-repeated"
    ),
    "a column twice after its asterisk": Trap(
        f"{NAMED}\t*text\ttext\ncase\tA\tX\ta\tb\n", ("case", "A"), {"text": "a"}, "column-repeated"
    ),
    "a comment": lost(f"{NAMED}\n#case\tA\tX\ncase\tB\tX\n", ("case", "A"), "comment-line"),
    "the header again": Trap(
        f"{NAMED}\ncase\tA\tX\n{NAMED}\ncase\tB\tX\n", ("case", "B"), {}, "header-repeated", Severity.ERROR
    ),
    "a property of the server's own": Trap(
        f"{NAMED}\tstate\ncase\tA\tX\treleased\n", ("case", "A"), {"state": "validated"}, "system-property-ignored"
    ),
    "a record without a name": Trap(
        "type\tsubmitter_id\ttext\nkeyword\t\tnew\n",
        ("keyword", "K"),
        None,  # the only one there is has lost its name
        "submitter-id-empty",
        Severity.ERROR,
        ["type\tsubmitter_id\ttext\nkeyword\tK\told\n"],
    ),
    "two names for one update": Trap(
        f"{NAMED}\ttext\ncase\tC-1\tX\tone\ncase\tc-1\tX\ttwo\n",
        ("case", "c-1"),
        {"text": "two"},
        "duplicate-letter-case",
        Severity.ERROR,
    ),
    "a new spelling of a name": Trap(f"{NAMED}\ncase\tc-1\tX\n", ("case", "C-1"), None, "submitter-id-renamed"),
    "a parent that is not named": Trap(
        "type\tsubmitter_id\tcases.text\tgrade\nvisit\tV\tanything\tlow\n",
        ("visit", "V"),
        {"cases": ["A"]},
        "parent-ambiguous",
        Severity.ERROR,
        [f"{NAMED}\ncase\tA\tX\n"],
    ),
    "a file with other content": Trap(
        f"{FILE}raw_file\tF\tC-1\t{'f' * 32}\t5\n",
        ("raw_file", "F"),
        {"md5sum": "f" * 32},
        "file-content-changed",
        existing=[CASES, f"{FILE}raw_file\tF\tC-1\t{MD5}\t5\n"],
    ),
    "a file with the content of another": Trap(
        f"{FILE}raw_file\tG\tC-1\t{MD5}\t5\n",
        ("raw_file", "G"),
        {"md5sum": MD5},
        "file-content-shared",
        existing=[CASES, f"{FILE}raw_file\tF\tC-1\t{MD5}\t5\n"],
    ),
}


def submitted(*tables: str) -> MemoryStore:
    """What a commons holds after these requests, each of which it must have called successful."""
    store = MemoryStore()
    store.put(Record(project_record_id("X"), "project", {"code": "X", "name": "X"}))
    submissions = Submissions(clinic().nodes)
    for table in tables:
        answer = submissions.submit(
            table.encode(), "text/tsv", store=store, project_id="P-X", now="2024-01-01T00:00:00Z"
        )
        assert answer.status == 200, answer.json(1)
        assert answer.json(1)["success"] is True
    return store


@pytest.mark.parametrize("name", TRAPS)
def test_the_server_says_success(name: str) -> None:
    trap = TRAPS[name]
    store = submitted(*trap.existing, trap.table)
    type_, submitter_id = trap.record
    found = [record for record in store.records(type_, "P-X") if record.properties.get("submitter_id") == submitter_id]
    assert bool(found) is (trap.stored is not None)
    for key, expected in (trap.stored or {}).items():
        if key in clinic()[type_].links_by_name:
            parents = store.parents(found[0], key)
            assert sorted(str(parent.properties["submitter_id"]) for parent in parents) == expected
        else:
            assert found[0].properties.get(key) == expected
            assert type(found[0].properties.get(key)) is type(expected)


@pytest.mark.parametrize("name", TRAPS)
def test_the_check_says_what_becomes_of_it(name: str, tmp_path: Path) -> None:
    trap = TRAPS[name]
    result = checked(tmp_path, trap.table, existing=trap.existing)
    severities = {item.finding.severity for item in result.folded() if item.finding.code == trap.code}
    assert severities == {trap.severity}
    assert result.ok is (trap.severity is Severity.WARNING)


@pytest.mark.parametrize("name", TRAPS)
def test_a_value_that_only_changes_is_sent_all_the_same(name: str, tmp_path: Path) -> None:
    trap = TRAPS[name]
    result = checked(tmp_path, trap.table, existing=trap.existing)
    kept_back = [row.line for row in result.rows() if row.has_errors or row.verdict != "accept"]
    assert bool(kept_back) is (trap.severity is Severity.ERROR)


def test_a_file_is_refused_where_the_server_crashes(tmp_path: Path) -> None:
    """Sheepdog looks for a clash in its generic dictionary, and crashes where that does not know the type."""
    result = checked(tmp_path, f"{NAMED}\nperson\tA\tX\nperson\ta\tX\n")
    assert [str(file.verdict) for file in result.files] == ["refuse"]
    assert [item.finding.code for item in result.files[0].findings] == ["server-crash"]
