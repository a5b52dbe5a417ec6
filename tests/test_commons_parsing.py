"""JSON of a commons is read as Python reads it, and refused where it nests deeper than any answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gen3submit.commons import parsing
from gen3submit.commons.parsing import MAX_DEPTH, nests_too_deeply, parse, parse_shallow


def _told(read: Callable[[str], Any], text: str) -> tuple[str, str]:
    """What is read, or which kind of error is met."""
    try:
        return "value", repr(read(text))
    except RecursionError:
        return "too deep", ""
    except ValueError:
        return "no JSON", ""


def _parse_and_walk(text: str) -> Any:
    value = parse(text)
    if nests_too_deeply(value):
        raise RecursionError
    return value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
PIECES = st.sampled_from(
    ["[", "]", "[[", "]]", "[" * 90, "]" * 90, "{", "}", '{"a":', ",", "],[", "1", '"["', '"', " "]
)
EDGES = st.integers(0, 2000).map(lambda depth: "[" * depth + "]" * depth)


@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), EDGES, JSON.map(json.dumps)))
@example("")
@example("],[")
@example("1],[1")
@example("]" * 924 + "[" * 924)
@example("]," + "[" * 900)
@example("[" * 100 + "]" * 100)
@example("[" * 101 + "]" * 101)
@example('{"a":' * 101 + "1" + "}" * 101)
@example("[" * 101 + "1" * 30 + "]" * 101)
@example("[" * 100 + "1" * 30 + "]" * 100)
@example("[" * 100_000)
def test_a_text_is_shallow_json_exactly_if_its_value_is_read_and_found_to_be_shallow(text: str) -> None:
    assert _told(parse_shallow, text) == _told(_parse_and_walk, text)


def test_depth_is_bounded_where_the_fast_reader_does_not_bound_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_ORJSON_BOUNDS_DEPTH", False)
    for depth in (MAX_DEPTH, MAX_DEPTH + 1):
        text = "[" * depth + "]" * depth
        assert _told(parse_shallow, text) == _told(_parse_and_walk, text)
