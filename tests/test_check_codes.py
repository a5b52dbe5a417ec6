"""Each finding code comes where it should, at its line and column, with the server's own error, and not twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from clinic import checked
from finding_examples import EXAMPLES, NOT_OF_THE_CHECK, Example

from gen3submit.messages.codes import code_page, codes

CASES = [
    pytest.param(code, example, id=f"{code}-{number}")
    for code, examples in EXAMPLES.items()
    for number, example in enumerate(examples if isinstance(examples, list) else [examples], 1)
]


def test_there_is_an_example_of_every_code() -> None:
    assert {page.code for page in codes()} == EXAMPLES.keys() | NOT_OF_THE_CHECK.keys()


@pytest.mark.parametrize(("code", "example"), CASES)
def test_the_finding_stands_in_its_place(code: str, example: Example, tmp_path: Path) -> None:
    result = checked(tmp_path, example.tables, existing=example.existing, project=example.project)
    rows = [(row.line, finding) for row in result.rows() for finding in row.findings]
    files = [(item.line, item.finding) for file in result.files for item in file.findings]
    found = [(line, finding) for line, finding in [*rows, *files] if finding.code == code]
    assert [(line, finding.column, finding.value) for line, finding in found] == list(example.places)
    page = code_page(code)
    assert page is not None
    for _, finding in found:
        assert finding.severity == page.severity
        said = None if finding.server_type is None else (finding.server_type, finding.keys)
        assert said == example.server
    assert result.files[-1].verdict == example.verdict
    others = {finding.code for _, finding in [*rows, *files]} - {code}
    assert others == set(example.others) - {code}
    assert len(found) == len({(line, finding) for line, finding in found})


@pytest.mark.parametrize(("code", "example"), CASES)
def test_a_result_with_an_error_is_not_fine(code: str, example: Example, tmp_path: Path) -> None:
    result = checked(tmp_path, example.tables, existing=example.existing, project=example.project)
    page = code_page(code)
    assert page is not None
    assert result.ok is (page.severity == "warning")
