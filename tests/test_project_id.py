"""How a project is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.errors import UsageProblem
from gen3submit.project import ProjectId, check_new_program, check_new_project

NAMES = st.text("abcXYZ019_. é", min_size=1, max_size=10).filter(lambda t: t == t.strip() and t not in {".", ".."})


@given(program=NAMES, code=st.text("abc-_.0", min_size=1).filter(lambda t: t not in {".", ".."}))
def test_a_project_id_is_split_at_its_first_hyphen_and_joined_again(program: str, code: str) -> None:
    project = ProjectId.parse(f"{program}-{code}")
    assert (project.program, project.code) == (program, code)
    assert str(project) == f"{program}-{code}"
    assert ProjectId.parse(project) is project


@pytest.mark.parametrize(
    "text", ["", "P", "-", "-X", "P-", "P-a/b", "..-x", "P-..", ".-.", "P-\\x", " P-x", "P-x ", "P-a\nb", "P-\x00"]
)
def test_what_could_lead_to_another_path_names_no_project(text: str) -> None:
    with pytest.raises(UsageProblem, match="PROGRAM-CODE"):
        ProjectId.parse(text)


def test_a_new_program_has_no_hyphen_and_no_path_of_the_services() -> None:
    check_new_program("DEV_1.x")
    for name in ("a-b", "", "_x", "a b", "graphql", "Template", "é", "a/b", "x" * 101):
        with pytest.raises(UsageProblem, match="program"):
            check_new_program(name)


def test_a_new_project_may_have_hyphens() -> None:
    check_new_project("phs-1.c2")
    for code in ("", "a b", "-x", "a/b", "..", "é"):
        with pytest.raises(UsageProblem, match="code"):
            check_new_project(code)
