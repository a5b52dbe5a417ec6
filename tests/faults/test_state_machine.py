"""Edits, faults, kills, foreign edits and expiries in any order: server, journal and report stay of one mind."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gen3submit.submit import SubmissionReport
from gen3submit.submit.points import POINTS
from tests.submitting import Lab, lab

FAULTS = [
    "reset@after",
    "reset",
    "status@after:504",
    "status:503,0",
    "gateway@later=0.1",
    "lost",
    "truncate",
    "drop-answer",
    "html@after",
    "unable-to-write@after",
    "unauthorized",
    "success-false",
]


class Killed(Exception):
    """The process is gone: nothing after this moment happens."""


class Submitter(RuleBasedStateMachine):
    """One submitter with two files, a commons that fails in every way, and somebody else who edits records."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._lab = lab(Path(self._folder.name))
        self.there: Lab = self._lab.__enter__()
        self.wanted: dict[str, dict[str, str]] = {"case": {}, "visit": {}}
        self.report: SubmissionReport | None = None
        self.unfinished = False
        self.changed_since = False

    def teardown(self) -> None:
        self._lab.__exit__(None, None, None)
        self._folder.cleanup()

    @initialize(count=st.integers(1, 4))
    def first_files(self, count: int) -> None:
        self.wanted["case"] = {f"C-{n}": "a" for n in range(count)}
        self.wanted["visit"] = {f"V-{n}": f"C-{n % count}" for n in range(count + 1)}
        self._write()

    def _write(self) -> None:
        cases = "".join(f"case\t{name}\tX\t{text}\n" for name, text in self.wanted["case"].items())
        visits = "".join(f"visit\t{name}\t{parent}\tlow\n" for name, parent in self.wanted["visit"].items())
        self.there.write(
            {
                "case.tsv": "type\tsubmitter_id\tprojects.code\ttext\n" + cases,
                "visit.tsv": "type\tsubmitter_id\tcases.submitter_id\tgrade\n" + visits,
            }
        )

    @rule(name=st.integers(0, 5).map("C-{}".format), text=st.sampled_from("abc"))
    @precondition(lambda self: not self.unfinished)
    def edit_the_file(self, name: str, text: str) -> None:
        self.wanted["case"][name] = text
        self._write()

    @rule(fault=st.sampled_from(FAULTS), skip=st.integers(0, 2))
    def plan_a_fault(self, fault: str, skip: int) -> None:
        self.there.fault(fault, skip=skip)

    @rule()
    def expire_the_token(self) -> None:
        self.there.practice.services.tokens.expire_all()

    @rule(point=st.sampled_from(POINTS), count=st.integers(1, 3))
    def run_and_be_killed(self, point: str, count: int) -> None:
        left = count

        def at(name: str) -> None:
            nonlocal left
            left -= name == point
            if left == 0 and name == point:
                raise Killed

        try:
            self._run(at=at)
        except Killed:
            self.report = None
            self.unfinished = True

    @rule()
    def run(self) -> None:
        self._run()

    @rule(text=st.sampled_from("xyz"))
    @precondition(lambda self: not self.unfinished)
    def somebody_else_edits(self, text: str) -> None:
        for name in list(self.there.stored("case"))[:1]:
            self.there.edit("case", name, text=text)

    def _run(self, **more: Any) -> None:
        self.report = self.there.upload(resume=True, batch_size=2, around=self.there.around(**more))
        self.unfinished = self.report.exit_code == 3
        if self.report.exit_code == 0:
            self._all_there()

    def _all_there(self) -> None:
        held = self.there.stored("case")
        assert {name: held[name].get("text") for name in self.wanted["case"]} == self.wanted["case"]
        for name, parent in self.wanted["visit"].items():
            assert self.there.parents("visit", name, "cases") == [parent]

    @invariant()
    def all_are_of_one_mind(self) -> None:
        for type_ in ("case", "visit"):
            names = [record.properties["submitter_id"] for record in self.there.practice.services.store.select(type_)]
            assert len(names) == len(set(names)), "no record is doubled"
            assert set(names) <= set(self.wanted[type_]), "no record comes from nowhere"
        if self.report is not None:
            self.there.agree(self.report)


small = settings(
    max_examples=12, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def test_whatever_happens_in_whatever_order() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Submitter, settings=small)


@pytest.mark.nightly
def test_whatever_happens_for_long() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Submitter, settings=settings(small, max_examples=300, stateful_step_count=25))
