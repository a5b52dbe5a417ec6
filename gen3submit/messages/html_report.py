"""Headings, labels and notes of the HTML report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.messages.wording import counted, visible

if TYPE_CHECKING:
    from gen3submit.report.model import ReportView

SKIP = "skip to the problems"
SECTIONS = (
    ("facts", "Run"),
    ("next", "What to do next"),
    ("picture", "Picture"),
    ("problems", "Problems"),
    ("changes", "Changed records"),
    ("files", "Files"),
    ("rows", "Rows"),
    ("requests", "Requests"),
    ("events", "Waits and retries"),
    ("codes", "What the words mean"),
    ("data", "Data"),
)
HEADINGS = dict(SECTIONS)

GRAPH = "Node types of the submission"
BY_NODE = "Rows by outcome"
BY_KIND = "Problems by kind"
NO_PROBLEMS = "No problems were found."
NO_ROWS = "The submission has no rows."
EXPECTED = "expected"
WHERE = "where"
HELP = "help"
UNTYPED = "(no type)"

FILE = "file"
ROWS = "rows"
OUTCOME = "outcome"
FINDINGS = "findings"
VERDICT = "verdict"
SHA256 = "SHA-256"
PLACE = "place"
TYPE = "type"
SUBMITTER_ID = "submitter_id"
SERVER = "server"
ID = "id"
REQUEST = "request"
TIME = "time"
NAME = "name"
ATTEMPTS = "attempts"
STATUS = "status"
TRANSACTION = "transaction"
CONFIRMED = "settled by"
ANSWER = "what came back"
CHANGES = "changes"

SEARCH = "search"
ALL_OUTCOMES = "all outcomes"
ALL_FILES = "all files"
ALL_TYPES = "all node types"
ALL_CODES = "all codes"
WITH_FINDINGS = "only rows with findings"
PREVIOUS = "previous"
NEXT = "next"
RESET = "show all"
SAVE_JSON = "save as JSON"
SAVE_CSV = "save as CSV"

FILE_VERDICTS = {
    "accept": "would go in",
    "reject": "would be rejected",
    "refuse": "would be refused",
    "lost": "would be lost",
}

MEANING = "What it means"
SERVER_DOES = "What the server does"
MEND = "How to mend it"
EXAMPLE = "Example"
STATES = "Outcomes of rows"

VALUES_HIDDEN = (
    "Values of the data, submitter_ids and the server's words are left out of this report. "
    "File, line and column lead to them."
)
NO_SCRIPT = "Searching, filtering and saving need JavaScript; everything else is here without it."
DATA_NOTE = "This file carries its data. It needs no network and sends nothing anywhere."
FOOTER = "written by gen3submit"


def run_facts(view: ReportView) -> list[tuple[str, str]]:
    """What a reader should know of the run: (label, value)."""
    dictionary = view.dictionary
    version = dictionary.get("version")
    source = dictionary.get("source")
    facts = [
        ("project", view.project or "none was given"),
        ("commons", view.commons if view.kind != "check" else None),
        ("dictionary", " ".join(filter(None, [source, f"(version {version})" if version else None])) or None),
        ("dictionary SHA-256", dictionary.get("sha256")),
        ("started", view.started),
        ("ended", view.ended or ("not yet" if view.started else None)),
        ("took", f"{view.seconds:.1f} s" if view.seconds and not view.started else None),
        ("files", counted(len(view.files), "file")),
        ("rows", counted(view.total, "row")),
        ("requests", counted(len(view.requests), "request") if view.requests else None),
    ]
    return [(label, visible(value)) for label, value in facts if value]


def problems_left(number: int) -> str:
    return f"{counted(number, 'more problem')} in the rows below"


def changes_left(number: int) -> str:
    return f"{counted(number, 'more changed record')}; `gen3submit plan --all` lists them"


def lines_left(number: int) -> str:
    return f"{number:,} more"


def rows_of(number: int) -> str:
    return counted(number, "row")


def lines_label(number: int) -> str:
    return "line" if number == 1 else "lines"


def bad_of(number: int, kind: str) -> str:
    return f"{number:,} {'not confirmed' if kind == 'submit' else 'to mend'}"


def file_verdict(kind: str, verdict: str, sound: bool) -> str:
    """What is said of a file as a whole."""
    if kind == "submit":
        return "confirmed" if sound else "not confirmed"
    return FILE_VERDICTS[verdict]


def static_rows(shown: int, total: int) -> str:
    if shown == total:
        return f"All {counted(total, 'row')}, those with findings first."
    return f"The first {shown:,} of {counted(total, 'row')}, those with findings first."


def embedded_rows(carried: int, total: int) -> str:
    if carried == total:
        return f"All {counted(total, 'row')} are in it."
    return (
        f"{carried:,} of {counted(total, 'row')} are in it, those with findings first; "
        "the JSON report (`--report report.json`) has all."
    )


def graph_label(node_types: int, links: int) -> str:
    return f"{counted(node_types, 'node type')} and {counted(links, 'link')} between them, parents above their children"


def links_to_itself() -> str:
    return "links to itself"


def for_script() -> dict[str, str]:
    """What the script says; it replaces what stands in braces."""
    return {
        "shown": "{from}–{to} of {matching} matching rows ({total} in all)",
        "none": "no row matches",
        "page": "page {page} of {pages}",
        "file": "report",
    }
