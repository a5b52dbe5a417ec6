"""Numbers that the fast path takes for well formed without a closer look."""

from __future__ import annotations

import json
import re

from hypothesis import example, given
from hypothesis import strategies as st

from gen3submit.checking.columnar import arrays
from gen3submit.checking.columnar.proofs import proof_of
from gen3submit.rules.values import as_integer, as_number

_NUMBER_LIKE = st.one_of(
    st.text("0019.-+e x", max_size=5),
    st.integers(-(10**16), 10**16).map(str),
    st.decimals(-(10**6), 10**6, allow_nan=False, places=3).map(str),
    st.sampled_from(["", "-", ".", "00", "-0", "0.0", "-0.5", "1.", ".5", "1.2.3", "1-2", "١"]),
)
_COLUMNS = st.lists(st.none() | _NUMBER_LIKE, max_size=8)


@given(_COLUMNS)
@example(["1.5", "", "2..5", None])
@example(["1.23", "4.56", "7.8.9"])
@example(["-1", "2-"])
def test_a_proven_number_is_stored_as_it_is_written(texts: list[str | None]) -> None:
    """What is proven reads as a JSON number that is written with the same digits, but for zeros behind the point."""
    for convert, schema in ((as_number, {"type": "number"}), (as_integer, {"type": "integer"})):
        proof = proof_of(schema, convert)
        assert proof is not None
        for text, proven in zip(texts, proof(arrays.texts(texts)).tolist(), strict=True):
            if proven:
                assert text is not None
                kept = re.sub(r"\.?0*\Z", "", text) if "." in text else text
                assert re.sub(r"\.0\Z", "", json.dumps(convert(text))) == kept
                assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", text, re.ASCII)


@given(st.lists(st.integers(-(10**14), 10**14), min_size=1), st.integers(0, 5))
def test_plain_numbers_are_proven_wherever_they_stand(numbers: list[int], left_out: int) -> None:
    """No neighbour keeps a plain number from being proven, nor does the part of the array that is looked at."""
    texts = ["x", *map(str, numbers), "1.5.2"]
    for convert, schema in ((as_number, {"type": "number"}), (as_integer, {"type": "integer"})):
        proof = proof_of(schema, convert)
        assert proof is not None
        found = proof(arrays.texts(texts).slice(min(left_out, len(texts)))).tolist()
        expected = [False, *(len(str(number)) <= 15 or convert is as_integer for number in numbers), False]
        assert found == expected[min(left_out, len(texts)) :]
