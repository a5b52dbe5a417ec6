"""Words of a check in a notebook."""

from __future__ import annotations

from gen3submit.messages.wording import counted

FILE_HEAD = ("file", "rows", "bad", "warnings")
PROBLEM_HEAD = ("problem", "place", "column", "what")
REFUSED = "refused"


def more_files(number: int) -> str:
    return f"… {counted(number, 'more file')}"


def more_problems(number: int) -> str:
    more = f"… {counted(number, 'more problem')}; " if number else ""
    return f"{more}`.to_pandas()` gives a line for each row and finding"
