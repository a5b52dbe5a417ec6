"""What the answer to a batch says of its rows: believed only if it tells exactly one story for each of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen3submit.submit import answers
from gen3submit.submit.answers import Stored, Unclear, judge_content

PROJECT = "P-X"
KEYS = {("case", f"C-{number}"): number for number in range(4)}


def entity(number: int, **odd: Any) -> dict[str, Any]:
    """What the commons says of a row; `odd` takes the place of what it usually says."""
    return {
        "action": "create" if number % 2 else "update",
        "errors": [],
        "id": f"id-{number}",
        "type": "case",
        "unique_keys": [{"project_id": PROJECT, "submitter_id": f"C-{number}"}],
        "valid": True,
        **odd,
    }


def judged(entities: Any) -> answers.Verdict:
    return judge_content({"success": True, "entities": entities, "transaction_id": 7}, 200, KEYS, PROJECT)


def test_every_row_is_stored_whose_answer_is_found_by_its_key() -> None:
    verdict = judged([entity(number) for number in (2, 0, 3, 1)])
    assert isinstance(verdict, Stored)
    assert verdict.ids == {"create": {1: "id-1", 3: "id-3"}, "update": {0: "id-0", 2: "id-2"}}
    assert verdict.transaction_id == 7


@pytest.mark.parametrize(
    "odd",
    [
        {"action": "delete"},
        {"action": None},
        {"action": []},
        {"id": ""},
        {"id": None},
        {"id": 5},
        {"errors": [{"message": "no"}]},
        {"valid": False},
        {"type": "visit"},
        {"type": []},
        {"unique_keys": []},
        {"unique_keys": None},
        {"unique_keys": "x"},
        {"unique_keys": [{"project_id": "P-Y", "submitter_id": "C-1"}]},
        {"unique_keys": [{"project_id": PROJECT, "submitter_id": "C-0"}]},
        {"unique_keys": [{"project_id": PROJECT, "submitter_id": "C-9"}]},
        {"unique_keys": [{"project_id": PROJECT, "submitter_id": []}]},
    ],
)
def test_one_odd_answer_makes_all_unclear(odd: dict[str, Any]) -> None:
    assert isinstance(judged([entity(0), entity(1, **odd), entity(2), entity(3)]), Unclear)


@pytest.mark.parametrize(
    "odd",
    [
        {"errors": None},
        {"valid": None},
        {"unique_keys": [{"id": "x"}, {"project_id": PROJECT, "submitter_id": "C-1"}]},
        {"unique_keys": [{"submitter_id": "C-1"}]},
    ],
)
def test_what_is_left_unsaid_does_not_matter(odd: dict[str, Any]) -> None:
    assert isinstance(judged([entity(0), entity(1, **odd), entity(2), entity(3)]), Stored)


def test_too_few_and_too_many_answers_are_unclear() -> None:
    usual = [entity(number) for number in range(4)]
    for entities in (usual[:3], [*usual, entity(0)], [*usual[:3], entity(0)], None, {}, []):
        assert isinstance(judged(entities), Unclear)


SMALL = st.one_of(st.none(), st.booleans(), st.integers(-1, 4), st.sampled_from(["", "create", "case", "C-1", PROJECT]))
ODD = st.recursive(
    SMALL,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["project_id", "submitter_id", "message"]), inner, max_size=2)
    ),
    max_leaves=4,
)
ODDITIES = st.dictionaries(st.sampled_from([*entity(0)]), ODD, max_size=2)
ENTITIES = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 3), st.one_of(st.just({}), ODDITIES)).map(lambda made: entity(made[0], **made[1])), ODD
    ),
    min_size=4,
    max_size=4,
)
NEARLY_USUAL = st.tuples(st.permutations(range(4)), ODDITIES, st.sets(st.sampled_from([*entity(0)]), max_size=1)).map(
    lambda made: [
        {
            name: value
            for name, value in entity(number, **(made[1] if place == 2 else {})).items()
            if place or name not in made[2]
        }
        for place, number in enumerate(made[0])
    ]
)


@given(st.one_of(ENTITIES, NEARLY_USUAL))
def test_usual_answers_are_judged_as_any_others(entities: list[Any]) -> None:
    found = judged(entities)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answers, "_usual_ids", lambda *_: None)
        assert judged(entities) == found
