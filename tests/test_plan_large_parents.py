"""Records below parents of which the commons has very many: every parent that a row names is found there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gen3submit.planning import held as held_module
from tests.submitting import Lab, cases, lab, visits

MANY = 60


@pytest.fixture(params=["rows", "columns"])
def there(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A commons with very many cases; submissions are compared row by row, or column by column, a few rows at once."""
    if request.param == "columns":
        monkeypatch.setattr("gen3submit.planning.recognising.LEAST_BYTES", 0)
        monkeypatch.setattr("gen3submit.planning.contents.LEAST_BYTES", 0)
    monkeypatch.setattr("gen3submit.planning.slices._ROWS_AT_ONCE", 3)
    with lab(tmp_path) as made:
        made.upload({"case.tsv": cases(MANY)})
        (made.folder / "data" / "case.tsv").unlink()
        monkeypatch.setattr(held_module, "LARGE", MANY)
        monkeypatch.setattr(held_module, "MANY_TIMES", 2)
        yield made


def test_rows_of_a_type_that_the_commons_has_none_of_find_their_parents(there: Lab) -> None:
    assert there.agree(there.upload({"visit.tsv": visits(10, of=MANY)})) == {"created": 10}


def test_rows_of_a_type_that_the_commons_has_some_of_find_their_parents(there: Lab) -> None:
    there.upload({"visit.tsv": visits(1, of=MANY)})
    assert there.agree(there.upload({"visit.tsv": visits(10, of=MANY)})) == {"created": 9, "unchanged": 1}


def test_parents_that_rows_name_by_their_ids_are_found(there: Lab) -> None:
    ids = {name: record["id"] for name, record in there.stored("case").items()}
    rows = (f"visit\tV-{n}\t{ids[f'C-{n}']}\tlow\n" for n in range(10))
    table = "type\tsubmitter_id\tcases.id\tgrade\n" + "".join(rows)
    assert there.agree(there.upload({"visit.tsv": table})) == {"created": 10}


def test_parents_of_rows_far_behind_the_first_of_another_type_are_found(there: Lab) -> None:
    rows = [f"consent\tT-{n}\t\n" for n in range(7)] + [f"study\tU-{n}\tC-{n}\n" for n in range(7)]
    table = "type\tsubmitter_id\tcases.submitter_id\n" + "".join(rows)
    assert there.agree(there.upload({"mixed.tsv": table})) == {"created": 14}


def test_a_parent_that_is_not_there_is_told(there: Lab) -> None:
    report = there.upload({"visit.tsv": visits(10, of=MANY) + "visit\tV-99\tC-99\tlow\t1\n"})
    codes = [finding.code for row in report.rows() for finding in row.result.findings]
    assert codes == ["parent-missing"]
