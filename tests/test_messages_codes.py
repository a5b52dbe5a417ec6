"""Every finding code has a page, and every page a code."""

from __future__ import annotations

import pytest

from gen3submit.messages import codes as catalogue
from gen3submit.messages.codes import FAMILIES, CodePage, code_page, codes
from gen3submit.messages.findings import WORDS


def test_codes_and_pages_are_the_same() -> None:
    assert [page.code for page in codes() if page.code not in WORDS] == []
    assert sorted(set(WORDS) - {page.code for page in codes()}) == []


@pytest.mark.parametrize("page", codes(), ids=lambda page: page.code)
def test_a_page_tells_everything(page: CodePage) -> None:
    assert page.family in FAMILIES
    assert page.severity in ("error", "warning")
    assert page.about in ("row", "file")
    assert not page.title.endswith(".")
    for part in (page.title, page.meaning, page.server, page.mend, page.example):
        assert len(part) > 3
        assert part.count("`") % 2 == 0
        assert "  " not in part
    for paragraph in (page.meaning, page.server, page.mend):
        assert paragraph.endswith(".")


def test_pages_are_in_the_order_of_their_families() -> None:
    order = [list(FAMILIES).index(page.family) for page in codes()]
    assert order == sorted(order)


def test_a_page_is_found_by_its_code() -> None:
    page = code_page("value-not-allowed")
    assert page is not None
    assert page.title == "a value that is not in the list of allowed values"
    assert code_page("no-such-code") is None
    assert catalogue.codes() is codes()
