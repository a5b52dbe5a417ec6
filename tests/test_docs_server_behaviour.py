"""The page on the server's behaviour names only findings that there are, and every one that the check makes."""

from __future__ import annotations

import re
from pathlib import Path

from finding_examples import EXAMPLES

from gen3submit.messages.codes import codes

PAGE = (Path(__file__).parent.parent / "docs" / "server-behaviour.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", PAGE))


def test_every_code_on_the_page_exists() -> None:
    assert {page.code for page in codes()} >= NAMED


def test_every_finding_of_the_check_has_its_rule_on_the_page() -> None:
    assert EXAMPLES.keys() - NAMED == set()
