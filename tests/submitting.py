"""A practice commons on a socket, a submitter in front of it, and what both sides say afterwards."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gen3submit.commons import Commons
from gen3submit.journal import Outcome
from gen3submit.journal import requests as request_store
from gen3submit.sandbox.app import PracticeCommons
from gen3submit.sandbox.server import Running
from gen3submit.submit import Circumstances, Patience, Stop, SubmissionReport, resume, upload
from tests.clinic import clinic

PROJECT = "P-X"
PATH = "/api/v0/submission/P/X"

QUICK = Patience(
    running=1.5,
    unseen=0.15,
    unseen_slow=0.3,
    blind=0.3,
    proof=0.2,
    attempts=4,
    first_pause=0.02,
    longest_pause=0.1,
)
"""For tests that need not wait for a real commons."""


def cases(count: int = 3, **more: str) -> str:
    """A table of cases; `more` are columns with their text."""
    header = "\t".join(["type", "submitter_id", "projects.code", *more])
    return (
        header
        + "\n"
        + "".join(f"case\tC-{n}\tX" + "".join(f"\t{v}" for v in more.values()) + "\n" for n in range(count))
    )


def visits(count: int = 3, of: int = 3, grade: str = "low") -> str:
    """A table of visits of these cases."""
    rows = (f"visit\tV-{n}\tC-{n % of}\t{grade}\t{n}\n" for n in range(count))
    return "type\tsubmitter_id\tcases.submitter_id\tgrade\twhole\n" + "".join(rows)


def specimens(*pairs: tuple[str, str]) -> str:
    """A table of specimens with their parents among the specimens; an empty text is no parent."""
    rows = (f"specimen\t{name}\t{parent}\n" for name, parent in pairs)
    return "type\tsubmitter_id\tspecimens.submitter_id\n" + "".join(rows)


class Lab:
    """A practice commons that listens, and a submitter."""

    def __init__(self, folder: Path, running: Running, practice: PracticeCommons) -> None:
        self.folder = folder
        self.running = running
        url = running.url
        self.state = folder / "state"
        self.url = url
        self.practice = practice
        self.commons = self.client()
        self.stop = Stop()

    def client(self, **options: Any) -> Commons:
        """A client of its own."""
        return Commons(self.url, self.practice.credentials(self.url), **{"timeout": 5.0, **options})

    def write(self, tables: Mapping[str, str]) -> Path:
        """Write the tables of a submission; their folder."""
        folder = self.folder / "data"
        folder.mkdir(exist_ok=True)
        for name, text in tables.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    def around(self, **more: Any) -> Circumstances:
        """What a submission is carried out with."""
        known = {"state": self.state, "patience": QUICK, "chance": random.Random(1), "stop": self.stop}
        return Circumstances(**{**known, **more})

    def upload(self, tables: Mapping[str, str] | None = None, **options: Any) -> SubmissionReport:
        """Submit the tables (those that were written last, if none are given)."""
        folder = self.write(tables or {})
        around = options.pop("around", None) or self.around()
        commons = options.pop("commons", self.commons)
        known: dict[str, Any] = {
            "project": PROJECT,
            "commons": commons,
            "dictionary": clinic(),
            "circumstances": around,
        }
        return upload(folder, **{**known, **options})

    def resume(self, run: Any, **options: Any) -> SubmissionReport:
        """Go on with a run."""
        around = options.pop("around", None) or self.around()
        return resume(run, **{"commons": self.commons, "dictionary": clinic(), "circumstances": around, **options})

    def fault(self, fault: str, *, method: str = "PUT", path: str = PATH, times: int = 1, skip: int = 0) -> None:
        """Let a fault strike the next submissions."""
        self.practice.faults.plan(fault, method=method, path=path, times=times, skip=skip)

    def go_down(self) -> None:
        """Take no more connections."""
        self.running.stop()

    def come_up(self) -> None:
        """Listen again, at the same address."""
        self.running = Running(self.practice, int(self.url.rpartition(":")[2]))

    def puts(self) -> int:
        """How many submissions came in."""
        return sum(seen.method == "PUT" and seen.path == PATH for seen in self.practice.faults.seen)

    def writes(self) -> int:
        """How many requests came in that could change something."""
        return self.practice.faults.writes()

    def stored(self, type_: str) -> dict[str, dict[str, Any]]:
        """The records of a type: properties by submitter_id."""
        records = self.practice.services.store.select(type_)
        return {
            str(record.properties.get("submitter_id")): {"id": record.id, **record.properties} for record in records
        }

    def parents(self, type_: str, submitter_id: str, link: str) -> list[str]:
        """The submitter_ids of the parents of a record."""
        store = self.practice.services.store
        record = next(r for r in store.select(type_) if r.properties.get("submitter_id") == submitter_id)
        return [str(parent.properties.get("submitter_id")) for parent in store.parents(record, link)]

    def edit(self, type_: str, submitter_id: str, **properties: Any) -> None:
        """Somebody else changes a record."""
        store = self.practice.services.store
        with store.work():
            for record in store.select(type_):
                if record.properties.get("submitter_id") == submitter_id:
                    record.properties.update(properties)
                    store.put(record)

    def agree(self, report: SubmissionReport, *, recovered: bool = False) -> dict[str, int]:
        """Compare server, journal and report with each other; the counts of outcomes that are not 0.

        A journal that was made anew (`recovered`) does not know all requests.
        """
        rows = list(report.rows())
        counts = report.counts
        assert sum(counts.values()) == len(rows)
        assert [row.outcome for row in rows if row.outcome not in list(map(str, Outcome))] == []
        for outcome, number in counts.items():
            assert number == sum(row.outcome == outcome for row in rows)
        names = {request.name for request in report.requests}
        for row in rows:
            held = self.stored(row.result.type or "").get(row.result.submitter_id or "") if row.result.type else None
            if row.outcome in ("created", "updated", "unchanged"):
                assert held is not None, row
                assert row.id is None or row.id == held["id"]
            if row.outcome in ("created", "updated"):
                assert row.id is not None
                assert row.request in names or recovered
        journal = report.journal
        assert journal.value("PRAGMA integrity_check") == "ok"
        submits = [entry for entry in request_store.all_requests(journal) if entry.kind == "submit"]
        left = {entry.name for entry in submits if entry.status is not None or entry.settled != "not-sent"}
        seen = [each.document_name for each in self.practice.faults.seen if each.method == "PUT" and each.path == PATH]
        assert len(set(seen)) == len(seen), "a request was repeated under the same name"
        assert recovered or {n for n in seen if n and f" {report.run_id} " in n} <= {entry.name for entry in submits}
        assert len(left) <= len(submits)
        return {name: number for name, number in counts.items() if number}

    def stored_by(self) -> dict[tuple[str, str], list[str]]:
        """The names of the requests that stored each row (type and submitter_id), by the commons' own log."""
        log = self.practice.services.log
        found: dict[tuple[str, str], list[str]] = {}
        for entry in log.entries("state = 'SUCCEEDED' AND dry_run = 0 AND role = 'update'", ()):
            for document in log.documents(entry.id):
                for record in json.loads(document.body) if document.format == "json" else ():
                    found.setdefault((record["type"], record["submitter_id"]), []).append(str(document.name))
        return found

    def once(self, report: SubmissionReport) -> None:
        """Every confirmed row was stored once, by the request that the report names."""
        stored_by = self.stored_by()
        for row in report.rows():
            if row.outcome in ("created", "updated"):
                assert stored_by[str(row.result.type), str(row.result.submitter_id)] == [row.request], row

    def close(self) -> None:
        """Leave."""
        self.commons.close()


@contextmanager
def lab(folder: Path, **options: Any) -> Iterator[Lab]:
    """A practice commons that listens on loopback while the block lasts."""
    practice = PracticeCommons(clinic(), project=PROJECT, with_faults=True, **options)
    with Running(practice) as running:
        made = Lab(folder, running, practice)
        yield made
        made.close()
        if made.running is not running:
            made.running.stop()


def states(report: SubmissionReport) -> dict[str, str]:
    """The state of each row in the journal, by submitter_id."""
    return dict(report.journal.rows("SELECT submitter_id, state FROM row"))


def outcomes(report: SubmissionReport) -> dict[str | None, str]:
    """The outcome of each row, by submitter_id."""
    return {row.result.submitter_id: row.outcome for row in report.rows()}


def reopened(report: SubmissionReport) -> SubmissionReport:
    """The same report, built from the journal file anew."""
    return SubmissionReport.of(report.journal.path)


def flip(path: Path, offset: int) -> None:
    """Damage a byte of a file."""
    content = bytearray(path.read_bytes())
    content[offset] ^= 0xFF
    path.write_bytes(content)
