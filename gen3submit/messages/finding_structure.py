"""Sentences about files and rows: what the server cannot take to pieces, drops, cuts, or loses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3submit.messages.finding_words import Words, reason_of, say, value_of
from gen3submit.messages.wording import (
    counted,
    either,
    fact,
    fact_number,
    facts_list,
    line_list,
    listed,
    shown,
    visible,
)

if TYPE_CHECKING:
    from gen3submit.findings import Finding


# Rows that the server drops


def _type_unknown(finding: Finding) -> str:
    return f"{value_of(finding)} is no node type, so the server would drop the row without a word"


def _type_unknown_help(finding: Finding) -> str:
    similar = facts_list(finding.facts, "similar")
    if similar:
        return f"similar node type: {either(similar)}"
    known = facts_list(finding.facts, "known")
    return f"node types are {listed(known, 5)}" if known else "write the name of a node type"


def _blank_rows(finding: Finding) -> str:
    lines = facts_list(finding.facts, "lines")
    return f"the file has rows with nothing in them{' (' + line_list(lines) + ')' if lines else ''}; they are left out"


# Files that the server refuses


def _too_long(finding: Finding) -> str:
    columns, cells = fact_number(finding.facts, "columns"), fact_number(finding.facts, "cells")
    if columns is None or cells is None:
        return "the row has more cells than the header, and the server refuses the whole file for it"
    return f"the row has {counted(cells, 'cell')} under {counted(columns, 'column')}; the server refuses the whole file"


def _cell_too_long(finding: Finding) -> str:
    limit = fact_number(finding.facts, "limit")
    most = f"the {limit:,} characters" if limit else "the number of characters"
    return f"the cell is longer than {most} that the server reads; it refuses the whole file"


def _not_utf8(finding: Finding) -> str:
    byte = fact(finding.facts, "byte")
    return f"the file is not UTF-8 text{f' (byte {shown(byte)})' if byte else ''}, and the server refuses it"


def _not_utf8_help(finding: Finding) -> str:
    guess = fact(finding.facts, "guess")
    return f"it looks like {visible(guess)}: save it as UTF-8" if guess else "save the file as UTF-8"


_NOTHING = {
    "empty": "the file is empty; the server answers `Nothing to submit`",
    "header-only": "the file has a header and no rows; the server answers `Nothing to submit`",
    "all-dropped": "the server would drop every row of the file and answer `Nothing to submit`",
}


def _nothing(finding: Finding) -> str:
    return _NOTHING.get(fact(finding.facts, "reason") or "", "the file holds nothing to submit")


def _nothing_help(finding: Finding) -> str:
    if fact(finding.facts, "reason") == "all-dropped":
        return "give every row the name of a node type in the column `type`"
    return "fill in rows, or leave the file out"


def _no_type_column_help(finding: Finding) -> str:
    similar = facts_list(finding.facts, "similar")
    if similar:
        return f"similar column: {either(similar)}; its name must be exactly `type`"
    found = facts_list(finding.facts, "found")
    return f"add the column `type`{'; the file has ' + listed(found) if found else ''}"


def _delimiter(finding: Finding) -> str:
    found, expected = fact(finding.facts, "found"), visible(fact(finding.facts, "expected") or "tabs")
    return f"the header has {visible(found)} and no {expected}" if found else f"the header has no {expected}"


def _delimiter_help(finding: Finding) -> str:
    found, expected = fact(finding.facts, "found"), visible(fact(finding.facts, "expected") or "tabs")
    other = {"commas": ", or name it `.csv`", "tabs": ", or name it `.tsv`"}.get(found or "", "")
    return f"save the file with {expected} between the cells{other}"


# Rows that are cut or swallowed


def _row_cut(finding: Finding) -> str:
    separator = fact(finding.facts, "separator")
    what = "an invisible line separator"
    if separator:
        what = f"the character {visible(separator)}" if separator.startswith("U+") else f"a {visible(separator)}"
    return f"{what} ends the line for the server: it would cut the row there and drop the rest"


def _quote(finding: Finding) -> str:
    lines, last = fact_number(finding.facts, "lines"), fact_number(finding.facts, "last_line")
    until = f"on line {last}" if last else "below"
    swallowed = f"{counted(lines, 'line')} below it" if lines else "lines below it"
    return f"the cell begins with a quotation mark and ends {until}; {swallowed} would be its text, not rows"


def _line_break(finding: Finding) -> str:
    return f"{value_of(finding)} holds a line break, which is stored as part of the value"


def _repeated_column(finding: Finding) -> str:
    spellings, wins = facts_list(finding.facts, "columns"), fact_number(finding.facts, "wins")
    which = f"only the one at place {wins} counts" if wins else "only the last one counts"
    if spellings and not any(str(name).strip() for name in spellings):
        return f"{len(spellings)} columns have no name; {which}"
    if len(set(spellings)) == 1:
        return f"the column {shown(spellings[0])} stands {len(spellings)} times; {which}, even where it is empty"
    named = either(spellings, "and") if spellings else value_of(finding, "a name")
    return f"{named} are the same column; {which}, even where it is empty"


WORDS = {
    "type-empty": Words(
        say("the cell `type` is empty, so the server would drop the row without a word"),
        say("write the name of the node type"),
    ),
    "type-unknown": Words(_type_unknown, _type_unknown_help),
    "comment-line": Words(
        lambda f: (
            "the first line looks like a comment; the server knows none and takes it for the header"
            if f.facts.get("header")
            else "the line looks like a comment; the server knows none and would drop it as a row of no type"
        ),
        say("remove the line"),
    ),
    "header-repeated": Words(
        say("the header stands here again; the server would drop it as a row of no type"), say("remove the line")
    ),
    "blank-rows": Words(_blank_rows, say("remove the lines")),
    "row-too-long": Words(_too_long, say("remove the cells (or the tabs) behind the last column")),
    "cell-too-long": Words(
        _cell_too_long,
        say("look for a quotation mark that is never closed in or above this row; else shorten the text"),
    ),
    "not-utf8": Words(_not_utf8, _not_utf8_help),
    "unreadable-json": Words(
        lambda f: f"the file is not valid JSON{reason_of(f)}",
        say("give an object, or a list of objects, with no key twice"),
    ),
    "nothing-to-submit": Words(_nothing, _nothing_help),
    "type-column-missing": Words(
        say("there is no column `type`, so the server would drop every row"), _no_type_column_help
    ),
    "byte-order-mark": Words(
        say("the file begins with a byte order mark, which the server takes for part of the first column's name"),
        say("save the file as UTF-8 without a byte order mark (in a spreadsheet: not `CSV UTF-8`)"),
    ),
    "wrong-delimiter": Words(_delimiter, _delimiter_help),
    "row-cut": Words(_row_cut, say("remove the character, or put a space in its place")),
    "quote-swallows-rows": Words(
        _quote, say('close the quotation mark, or write `"` twice inside a quoted cell; remove it if it is a stray one')
    ),
    "line-break-in-cell": Words(_line_break, say("put a space in its place unless it is meant")),
    "column-repeated": Words(_repeated_column, say("remove the columns that are not meant")),
    "nul-in-file": Words(
        say("the file holds NUL characters, for which the database refuses all of it"),
        say("save the file as UTF-8 text; it may be UTF-16, or no text file"),
    ),
    "file-lost": Words(
        lambda f: f"the server would answer success and store nothing of this file{reason_of(f)}",
        say("mend the rows with findings; nothing of the file goes in before"),
    ),
    "lost-with-file": Words(
        say("the row is fine, but the server would store nothing of its file"),
        say("mend the other rows of the file"),
    ),
    "server-crash": Words(
        lambda f: f"the server would crash on this file (status 500){reason_of(f)}",
        say("mend the rows with findings; nothing of the file goes in before"),
    ),
}
