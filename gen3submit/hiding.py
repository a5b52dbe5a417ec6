"""Findings with nothing of the data in them, for reports and journals of protected data."""

from __future__ import annotations

from dataclasses import replace

from gen3submit.findings import Finding

_FACTS_OF_THE_DICTIONARY = frozenset({
    "allowed", "expected", "pattern", "relation", "bound", "format", "known", "link", "target",
    "outcome", "lines", "path", "line", "searched", "members", "multiplicity", "columns", "cells", "limit", "byte",
    "guess", "separator", "first_line", "last_line", "wins", "what", "identical", "why", "change",
})  # fmt: skip  # names of facts that repeat nothing of the data, as a paragraph


def without_values(finding: Finding) -> Finding:
    """The finding with nothing of the data in it: no value, no word of the server, no fact that repeats one.

    The column, the node type and what the dictionary says stay.
    """
    facts = {name: value for name, value in finding.facts.items() if name in _FACTS_OF_THE_DICTIONARY}
    return replace(finding, value=None, facts=facts, server_words=None, detail="")
