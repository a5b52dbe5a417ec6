"""For each finding code of the check, tables that give it, and where and what it must be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from clinic import CASES, Tables

VISIT = "type\tsubmitter_id\tcases.submitter_id\tgrade\n"
VISITS = VISIT.replace("\n", "\t")
ID = "11111111-1111-4111-8111-111111111111"
OTHER_ID = "22222222-2222-4222-8222-222222222222"
MD5 = "0123456789abcdef0123456789abcdef"
FILE = "type\tsubmitter_id\tcases.submitter_id\tmd5sum\tfile_size\n"
NAMED = "type\tsubmitter_id\tprojects.code\n"


@dataclass(frozen=True)
class Example:
    """Tables in which a finding stands, and what the finding is."""

    tables: Tables
    places: Sequence[tuple[int | None, str | None, str | None]]
    """(line, column, value) of each time it stands there."""
    server: tuple[str, tuple[str, ...]] | None = None
    """The error type and keys of the server; None where the server says nothing."""
    verdict: str = "reject"
    """Of the (last) file."""
    existing: Sequence[Tables] | None = (CASES,)
    project: str | None = "P-X"
    others: Sequence[str] = ()
    """Codes of the other findings that cannot but stand there too."""


def of_visit(column: str, value: str, **more: object) -> Example:
    """The value in a column of the second of three visits, where everything else is right."""
    table = f"{VISITS}{column}\nvisit\tV-1\tC-1\tlow\t\nvisit\tV-2\tC-1\tlow\t{value}\nvisit\tV-3\tC-1\tlow\t\n"
    shown = more.pop("shown", value.strip())
    return Example(table, [(3, column, shown)], **more)  # type: ignore[arg-type]


def change(column: str, value: str) -> Example:
    """The same for a value that the server takes and changes."""
    return of_visit(column, value, shown=value, verdict="accept")


def wrong(column: str, value: str, type_: str, key: str = "") -> Example:
    """The same for a value that the server refuses."""
    return of_visit(column, value, server=(type_, (key or column,)))


def json_export(*records: dict[str, object]) -> dict[str, str]:
    return {"export.json": json.dumps({"data": list(records)})}


EXAMPLES: dict[str, Example | list[Example]] = {
    # values
    "value-not-allowed": [
        Example(f"{VISIT}visit\tV\tC-1\tLow\n", [(2, "grade", "Low")], ("ERROR", ("grade",))),
        wrong("signs", "cough,Fever", "ERROR", "signs.1"),
        wrong("colour", "green", "INVALID_VALUE"),
    ],
    "wrong-type": [
        wrong("whole", "1.5", "INVALID_VALUE"),
        wrong("number", "3,5", "INVALID_VALUE"),
        wrong("flag", "yes", "INVALID_VALUE"),
        wrong("counts", "1,two", "INVALID_VALUE"),
    ],
    "pattern-mismatch": [wrong("code", "ab1", "ERROR"), wrong("id", "V-2", "ERROR")],
    "out-of-range": [wrong("percent", "100.5", "ERROR"), wrong("short", "abcdef", "ERROR")],
    "bad-format": wrong("moment", "2024-05-17", "ERROR"),
    "no-alternative": wrong("either", "5", "INVALID_VALUE"),
    "schema-violation": wrong("few", "a,b,c", "ERROR"),
    "required-cell-empty": [
        Example(
            "type\tsubmitter_id\tcases.submitter_id\tgrade\ttext\nvisit\tV\tC-1\t\tx\n",
            [(2, "grade", "")],
            ("ERROR", ("grade",)),
        ),
        Example(  # the row ends before the column
            f"{VISIT}visit\tV\tC-1\nvisit\tW\tC-1\tlow\n",
            [(2, "grade", None)],
            ("MISSING_PROPERTY", ("grade",)),
        ),
    ],
    "required-column-missing": Example(
        "type\tsubmitter_id\tcases.submitter_id\nvisit\tV\tC-1\n", [(2, None, None)], ("MISSING_PROPERTY", ("grade",))
    ),
    "unknown-column": [
        Example(
            f"{VISITS}txet\nvisit\tV\tC-1\tlow\t\nvisit\tW\tC-1\tlow\tx\n",
            [(2, "txet", None), (3, "txet", None)],
            ("ERROR", ()),
        ),
        Example(f"{VISITS}\nvisit\tV\tC-1\tlow\t\nvisit\tW\tC-1\tlow\t\n", [(2, "", None)], ("ERROR", ())),
    ],
    "urls-cell-empty": Example(
        f"{FILE[:-1]}\turls\tobject_id\nraw_file\tF\tC-1\t{MD5}\t5\t\t{ID}\n", [(2, "urls", "")], ("ERROR", ())
    ),
    "link-value-malformed": [
        Example(
            "type\tsubmitter_id\tcases.id\tgrade\nvisit\tV\tC-1\tlow\n",
            [(2, "cases.id", "C-1")],
            ("INVALID_VALUE", ("cases",)),
        ),
        Example(
            "type\tsubmitter_id\tcases\tgrade\nvisit\tV\tC-1\tlow\n",
            [(2, "cases", "C-1")],
            ("INVALID_VALUE", ("cases",)),
        ),
    ],
    "value-breaks-transaction": [
        of_visit("number", "NaN"),
        of_visit("number", "1e400"),
        of_visit("text", "a\0b"),
    ],
    # identity
    "submitter-id-empty": [
        Example("type\tsubmitter_id\ttext\nkeyword\t\ta\n", [(2, "submitter_id", "")], verdict="accept"),
        Example("type\ttext\nkeyword\ta\n", [(2, None, None)], verdict="accept"),
        Example(
            "type\tsubmitter_id\ttext\nkeyword\t\ta\n",
            [(2, "submitter_id", "")],
            ("NOT_UNIQUE", ()),
            existing=["type\tsubmitter_id\nkeyword\tA\nkeyword\tB\n"],
        ),
    ],
    "duplicate-submitter-id": [
        Example(
            "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\ta\ncase\tB\tX\ta\ncase\tA\tX\tb\n",
            [(2, "submitter_id", "A"), (4, "submitter_id", "A")],
            ("NOT_UNIQUE", ()),
        ),
        Example(f"{NAMED}case\tA\tX\ncase\tA\tX\n", [(3, "submitter_id", "A")], ("NOT_UNIQUE", ())),
    ],
    "duplicate-across-files": Example(
        {
            "a.tsv": "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\ta\n",
            "b.tsv": "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\tb\n",
        },
        [(2, "submitter_id", "A")],
        verdict="accept",
    ),
    "duplicate-letter-case": [
        Example(
            f"{NAMED}case\tA\tX\ncase\ta\tX\n",
            [(2, "submitter_id", "A"), (3, "submitter_id", "a")],
            verdict="lost",
            others=["file-lost"],
        ),
        Example(  # a node type that is not in the generic dictionary
            f"{NAMED}person\tA\tX\nperson\ta\tX\n",
            [(2, "submitter_id", "A"), (3, "submitter_id", "a")],
            verdict="refuse",
            others=["server-crash"],
        ),
        Example(  # two updates of one record
            f"{NAMED}case\tC-1\tX\ncase\tc-1\tX\n",
            [(2, "submitter_id", "C-1"), (3, "submitter_id", "c-1")],
            verdict="accept",
        ),
    ],
    "id-taken": [
        Example(
            f"type\tid\tsubmitter_id\tprojects.code\ncase\t{ID}\tA\tX\ncase\t{ID}\tB\tX\n",
            [(3, "id", ID)],
            verdict="lost",
            others=["file-lost"],
        ),
        Example(
            f"type\tid\tsubmitter_id\tprojects.code\ncase\t{ID}\tA\tX\n",
            [(2, "id", ID)],
            verdict="lost",
            existing=[f"type\tid\tsubmitter_id\tprojects.code\ncase\t{ID}\tB\tX\n"],
            others=["file-lost"],
        ),
    ],
    "already-exists": [
        Example(
            f"type\tid\tsubmitter_id\tprojects.code\ncase\t{ID}\tC-1\tX\n",
            [(2, "id", "C-1")],
            ("ERROR", ("project_id", "submitter_id")),
        ),
        Example(
            f"type\tid\tsubmitter_id\tprojects.code\nperson\t{ID}\tA\tX\n",
            [(2, "id", "A")],
            verdict="refuse",
            existing=[f"{NAMED}person\tA\tX\n"],
            others=["server-crash"],
        ),
    ],
    "project-id-wrong": [
        Example(
            f"{VISITS}project_id\nvisit\tV\tC-1\tlow\t\nvisit\tW\tC-1\tlow\tP-Y\nvisit\tU\tC-1\tlow\tP-X\n",
            [(2, "project_id", ""), (3, "project_id", "P-Y")],
            ("INVALID_PERMISSIONS", ("project_id",)),
        ),
    ],
    "several-records": Example(
        "type\tsubmitter_id\tprojects.code\tproject_id\ttext\ncase\tA\tX\t\ta\n",
        [(2, "submitter_id", "A")],
        ("NOT_UNIQUE", ()),
    ),
    "other-project": Example(
        f"type\tid\tsubmitter_id\ttext\nkeyword\t{ID}\t\ta\n",
        [(2, None, None)],
        ("INVALID_PERMISSIONS", ()),
        existing=[json_export({"type": "keyword", "id": ID, "submitter_id": "K", "project_id": "P-Y"})],
    ),
    "no-unique-key": Example(
        "type\tsubmitter_id\ttext\nnameless\tA\ta\n", [(2, None, None)], ("MISSING_PROPERTY", ("id",))
    ),
    "type-not-submittable": Example("type\tname\nprogram\tP\n", [(2, "type", "program")], ("INVALID_TYPE", ("id",))),
    "file-mismatch": Example(
        f"type\tid\tsubmitter_id\tmd5sum\tfile_size\nold_file\t{ID}\tF\t{MD5}\t5\n",
        [(2, None, None)],
        ("INVALID_VALUE", ()),
        existing=[f"type\tid\tsubmitter_id\tmd5sum\tfile_size\nold_file\t{OTHER_ID}\tG\t{MD5}\t5\n"],
    ),
    "server-failure": Example(
        "type\tsubmitter_id\ttext\nstateless\tA\tb\nstateless\tB\tb\n",
        [(2, "submitter_id", "A")],
        existing=["type\tsubmitter_id\ttext\nstateless\tA\ta\n"],
    ),
    # links
    "parent-missing": [
        Example(
            f"{VISIT}visit\tV\tC-3\tlow\nvisit\tW\tC-2\tlow\n",
            [(2, "cases.submitter_id", "C-3")],
            ("INVALID_LINK", ("cases",)),
        ),
        Example(
            f"type\tsubmitter_id\tcases.id\tgrade\nvisit\tV\t{ID}\tlow\n",
            [(2, "cases.id", ID)],
            ("INVALID_LINK", ("cases",)),
        ),
    ],
    "parent-unverified": Example(
        f"{VISIT}visit\tV\tC-3\tlow\n",
        [(2, "cases.submitter_id", "C-3")],
        verdict="accept",
        existing=None,
    ),
    "parent-rejected": Example(
        {
            "cases.tsv": "type\tsubmitter_id\tprojects.code\twhole\ncase\tA\tX\tone\ncase\tB\tX\t1\n",
            "visits.tsv": f"{VISIT}visit\tV\tA\tlow\nvisit\tW\tB\tlow\n",
        },
        [(2, "cases.submitter_id", "A")],
        ("INVALID_LINK", ("cases",)),
        others=["wrong-type"],
    ),
    "parent-ambiguous": [
        Example(
            "type\tsubmitter_id\tcases.text\tgrade\nvisit\tV\ta\tlow\n",
            [(2, "cases.text", "a")],
            ("INVALID_LINK", ("cases",)),
        ),
        Example(  # one case is all there is, and it would become the parent
            "type\tsubmitter_id\tcases.text\tgrade\nvisit\tV\ta\tlow\n",
            [(2, "cases.text", "a")],
            verdict="accept",
            existing=[f"{NAMED}case\tA\tX\n"],
        ),
    ],
    "parent-in-other-project": Example(
        f"type\tsubmitter_id\tcases.id\tgrade\nvisit\tV\t{ID}\tlow\n",
        [(2, "cases.id", ID)],
        ("INVALID_LINK", ()),
        existing=[json_export({"type": "case", "id": ID, "submitter_id": "A", "project_id": "P-Y"})],
    ),
    "project-link-wrong": Example(
        f"{NAMED}case\tA\tP-X\n", [(2, "projects.code", "P-X")], ("INVALID_LINK", ("projects",))
    ),
    "project-unverified": Example(f"{NAMED}case\tA\tZ\n", [(None, None, None)], verdict="accept", project=None),
    "link-required": [
        Example(
            f"{VISIT}visit\tV\t\tlow\n",
            [(2, "cases.submitter_id", None)],
            ("INVALID_LINK", ("cases",)),
        ),
        Example("type\tsubmitter_id\tgrade\nvisit\tV\tlow\n", [(2, None, None)], ("INVALID_LINK", ("cases",))),
    ],
    "link-group-required": Example(
        "type\tsubmitter_id\tcases.submitter_id\tvisits.submitter_id\nsample\tS\t\t\nsample\tT\tC-1\t\n",
        [(2, "cases.submitter_id", None)],
        ("INVALID_LINK", ("cases", "visits")),
    ),
    "links-exclusive": Example(
        "type\tsubmitter_id\tvisits.submitter_id\tcases.submitter_id\nsample\tS\tV\tC-1\n",
        [(2, "cases.submitter_id", "C-1")],
        ("INVALID_LINK", ("cases", "visits")),
        existing=[CASES, f"{VISIT}visit\tV\tC-1\tlow\n"],
    ),
    "too-many-parents": [
        Example(
            f"{VISIT}visit\tV\tC-1, C-2\tlow\n",
            [(2, "cases.submitter_id", "C-1, C-2")],
            ("INVALID_LINK", ("cases",)),
        ),
        Example(  # a changed parent is added to the old one
            f"{VISIT}visit\tV\tC-2\tlow\n",
            [(2, "cases.submitter_id", "C-2")],
            ("INVALID_LINK", ("cases",)),
            existing=[CASES, f"{VISIT}visit\tV\tC-1\tlow\n"],
        ),
    ],
    "parent-taken": [
        Example(
            "type\tsubmitter_id\tcases.submitter_id\ndemographic\tD-2\tC-1\n",
            [(2, "cases.submitter_id", "C-1")],
            ("INVALID_LINK", ("cases",)),
            existing=[CASES, "type\tsubmitter_id\tcases.submitter_id\ndemographic\tD-1\tC-1\n"],
        ),
        Example(
            "type\tsubmitter_id\tcases.submitter_id\nconsent\tA\tC-1\nconsent\tB\tC-1\n",
            [(2, "cases.submitter_id", "C-1"), (3, "cases.submitter_id", "C-1")],
            ("INVALID_LINK", ("cases",)),
        ),
    ],
    "unknown-link": Example(
        "type\tsubmitter_id\tcase.submitter_id\tgrade\nvisit\tV\tC-1\tlow\n",
        [(2, "case.submitter_id", None)],
        verdict="refuse",
    ),
    "link-name-malformed": Example(
        "type\tsubmitter_id\tcases.\tcases.submitter_id\tgrade\nvisit\tV\t\tC-1\tlow\n",
        [(1, "cases.", None)],
        verdict="refuse",
    ),
    # structure
    "type-empty": Example(f"{NAMED}case\tA\tX\n\tB\tX\n", [(3, "type", None)], verdict="accept"),
    "type-unknown": Example(
        f"{NAMED}case\tA\tX\ncases\tB\tX\nCase\tC\tX\n", [(3, "type", "cases"), (4, "type", "Case")], verdict="accept"
    ),
    "comment-line": [
        Example(f"{NAMED}# more\ncase\tA\tX\n", [(2, None, "# more")], verdict="accept"),
        Example(f"# first\n{NAMED}case\tA\tX\n", [(1, None, "# first")], verdict="refuse", others=["row-too-long"]),
    ],
    "header-repeated": Example(f"{NAMED}case\tA\tX\n{NAMED}case\tB\tX\n", [(3, None, None)], verdict="accept"),
    "blank-rows": Example(f"{NAMED}case\tA\tX\n\t\t\n  \ncase\tB\tX\n", [(3, None, None)], verdict="accept"),
    "row-too-long": Example(f"{NAMED}case\tA\tX\t\ncase\tB\tX\n", [(2, None, None)], verdict="refuse"),
    "cell-too-long": Example(
        f"type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\ta\ncase\tB\tX\t{'x' * 131_073}\n",
        [(3, None, None)],
        verdict="refuse",
    ),
    "not-utf8": Example(
        b"type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\tna\xefve\n", [(2, "text", "naïve")], verdict="refuse"
    ),
    "nothing-to-submit": [
        Example("", [(None, None, None)], verdict="refuse"),
        Example(NAMED, [(None, None, None)], verdict="refuse"),
        Example(f"{NAMED}foo\tA\tX\n", [(None, None, None)], verdict="refuse", others=["type-unknown"]),
    ],
    "type-column-missing": Example("submitter_id\tprojects.code\nA\tX\n", [(1, None, None)], verdict="refuse"),
    "byte-order-mark": Example(f"\ufeff{NAMED}case\tA\tX\n", [(1, "\ufefftype", None)], verdict="refuse"),
    "wrong-delimiter": [
        Example("type,submitter_id,projects.code\ncase,A,X\n", [(1, None, None)], verdict="refuse"),
        Example({"a.csv": "submitter_id;type\nA;case\n"}, [(1, None, None)], verdict="refuse"),
    ],
    "row-cut": Example(
        "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\tone\u2028two\ncase\tB\tX\t\n",
        [(2, "text", None), (2, None, None)],
        verdict="accept",
    ),
    "quote-swallows-rows": [
        Example(
            'type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\t"one\ncase\tB\tX\ttwo\ncase\tD\tX\tthree\n',
            [(2, "text", None)],
            verdict="accept",
        ),
        Example(f'{NAMED}case\tA\tX\n"case\tB\tX\ncase\tD\tX\n', [(3, "type", None)], verdict="accept"),
        Example(
            {"a.csv": 'type,submitter_id,projects.code,text\ncase,A,X,"one\ncase,B,X,two\n'},
            [(2, "text", None)],
            verdict="accept",
        ),
        Example('type\tsubmitter_id\t"projects.code\ncase\tA\tX\n', [(1, "projects.code", None)], verdict="refuse"),
    ],
    "line-break-in-cell": of_visit("text", '"a\nb"', shown="a\nb", verdict="accept"),
    "column-repeated": Example(
        "type\tsubmitter_id\tprojects.code\ttext\t text\ncase\tA\tX\ta\tb\n", [(1, " text", None)], verdict="accept"
    ),
    "nul-in-file": Example(f"{NAMED}case\tA\tX\nfoo\0\tB\tX\n", [(None, None, None)], others=["type-unknown"]),
    "file-lost": Example(
        f"{NAMED}case\tA\tX\ncase\ta\tX\n", [(None, None, None)], verdict="lost", others=["duplicate-letter-case"]
    ),
    "server-crash": Example(
        f"{NAMED}person\tA\tX\nperson\ta\tX\n",
        [(None, None, None)],
        verdict="refuse",
        others=["duplicate-letter-case"],
    ),
    # what the server changes or keeps without a word
    "space-trimmed": [change("text", " a\xa0"), change("grade", " low")][:1],
    "null-word": change("text", "null"),
    "none-text": [change("text", "None"), change("names", "None")],
    "number-changed": [
        change("whole", "007"),
        change("whole", "1_000"),
        change("number", "123456789012345678"),
        change("number", "-0.0"),
        change("number", "1_000.5"),
    ],
    "array-item-changed": change("counts", "1.9,2"),
    "array-empty-item": change("names", "a,,b"),
    "array-brackets": change("names", "['a']"),
    "boolean-item-false": change("flags", "yes,on"),
    "system-property-ignored": change("state", "released"),
    "value-cleared": [
        Example(
            "type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\t\ncase\tB\tX\tb\n",
            [(2, "text", "")],
            verdict="accept",
            existing=["type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\ta\n"],
        ),
        Example(  # a column with the bare name of a link takes its parents away
            "type\tsubmitter_id\tcases\ttext\nstudy\tS\t\ta\n",
            [(2, "cases", "")],
            verdict="accept",
            existing=[CASES, "type\tsubmitter_id\tcases.submitter_id\nstudy\tS\tC-1\n"],
        ),
    ],
    "value-kept": [
        Example(
            f"{NAMED}case\tA\tX\n",
            [(2, None, None)],
            verdict="accept",
            existing=["type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\ta\n"],
        ),
        Example(
            "type\tsubmitter_id\tprojects.code\ttext\ncase\tB\tX\tb\ncase\tA\tX\t\n",
            [(3, "text", None)],
            verdict="accept",
            existing=["type\tsubmitter_id\tprojects.code\ttext\ncase\tA\tX\ta\n"],
        ),
    ],
    "link-kept": Example(
        "type\tsubmitter_id\tcases.submitter_id\ttext\nstudy\tS\t\ta\n",
        [(2, "cases.submitter_id", "")],
        verdict="accept",
        existing=[CASES, "type\tsubmitter_id\tcases.submitter_id\nstudy\tS\tC-1\n"],
    ),
    "parent-added": Example(
        "type\tsubmitter_id\tcases.submitter_id\nstudy\tS\tC-2\n",
        [(2, "cases.submitter_id", "C-2")],
        verdict="accept",
        existing=[CASES, "type\tsubmitter_id\tcases.submitter_id\nstudy\tS\tC-1\n"],
    ),
    "submitter-id-renamed": Example(f"{NAMED}case\tc-1\tX\n", [(2, "submitter_id", "c-1")], verdict="accept"),
    "file-content-changed": Example(
        f"{FILE}raw_file\tF\tC-1\t{'f' * 32}\t5\n",
        [(2, "md5sum", "f" * 32)],
        verdict="accept",
        existing=[CASES, f"{FILE}raw_file\tF\tC-1\t{MD5}\t5\n"],
    ),
    "file-content-shared": Example(
        f"{FILE}raw_file\tG\tC-1\t{MD5}\t5\n",
        [(2, "md5sum", MD5)],
        verdict="accept",
        existing=[CASES, f"{FILE}raw_file\tF\tC-1\t{MD5}\t5\n"],
    ),
}

NOT_OF_THE_CHECK = {
    "file-missing-locally": "the data files themselves are looked at on their own",
    "file-md5-differs": "the same",
    "file-size-differs": "the same",
    "file-state-locked": "exports do not tell the state of a file; only a submission meets it",
    "unreadable-json": "an export that cannot be read is no input of a check; a submission of JSON would say it",
    "lost-with-file": "the verdict `lost` says so of a row that is fine itself",
    "record-cycle": "the plan orders records, the check does not",
    "changed-on-server": "only a plan knows what the commons held when it was made",
}
