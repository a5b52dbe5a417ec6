"""When two spellings are the same word: letter case, spaces and marks aside, or one slip of the fingers apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection

INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
"""Characters without width, which nobody types on purpose at the end of a value."""

_WITHOUT = dict.fromkeys(map(ord, INVISIBLE))
_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201b\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201f", '"'),
    }
)
"""What word processors put in the place of a hyphen, an apostrophe or a quotation mark."""
_SHORTEST_WORD = 5
_WORDS = re.compile(r"[^\W_]+")


def trimmed(text: str) -> str:
    """The text without white space and invisible characters at its ends."""
    while True:
        shorter = text.strip().strip(INVISIBLE)
        if shorter == text:
            return text
        text = shorter


def folded(text: str) -> str:
    """The text without letter case, spaces of any kind and invisible characters, typographic marks made plain."""
    plain = unicodedata.normalize("NFC", text).translate(_WITHOUT).translate(_TYPOGRAPHIC)
    return "".join(plain.casefold().split())


def folded_name(text: str) -> str:
    """A name of a column or node type without letter case and what separates its words."""
    return re.sub(r"[\s_.*#-]", "", folded(text))


def only_match(written: str, there: Collection[str], fold: Callable[[str], str] = folded) -> str | None:
    """The one of `there` that is the same word as `written`; None where there is none, or several."""
    wanted = fold(written)
    found = [candidate for candidate in there if fold(candidate) == wanted]
    return found[0] if len(found) == 1 else None


def only_slip(written: str, there: Collection[str]) -> str | None:
    """The one of `there` that is one slip away from `written`; None where there is none, or several."""
    found = [candidate for candidate in there if is_slip(written, candidate)]
    return found[0] if len(found) == 1 else None


def is_slip(written: str, meant: str) -> bool:
    """Whether one letter of one longer word is missing, too much, another, or changed places with the next.

    Short words must be the same, and so must first letters, digits and the number of words: `weight_kg` and
    `weight_mg`, `affected` and `unaffected`, `Stage II` and `Stage III` are different things.
    """
    mine, theirs = _WORDS.findall(folded_words(written)), _WORDS.findall(folded_words(meant))
    if len(mine) != len(theirs):
        return False
    different = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    if len(different) != 1:
        return False
    a, b = different[0]
    both_long = min(len(a), len(b)) >= _SHORTEST_WORD and a.isalpha() and b.isalpha()
    return both_long and a[0] == b[0] and _one_apart(a, b)


def folded_words(text: str) -> str:
    """The text without letter case and odd marks, its words still apart."""
    plain = unicodedata.normalize("NFC", text).translate(_WITHOUT).translate(_TYPOGRAPHIC)
    return plain.casefold()


def _one_apart(a: str, b: str) -> bool:
    if len(a) > len(b):
        a, b = b, a
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(b) - len(a) == 1:
        return a[start:] == b[start + 1 :]
    if len(a) != len(b):
        return False
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return swapped or a[start + 1 :] == b[start + 1 :]
