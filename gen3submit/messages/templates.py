"""Sentences of templates and of a starter folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gen3submit.messages import explain as explained
from gen3submit.messages.wording import counted, either, shown, visible

if TYPE_CHECKING:
    from gen3submit.explain import LinkExplanation, PropertyExplanation

YES = "yes"
NO = "no"
TYPE = "The node type, the same in every row."
NOTES = "notes"
"""The name of the sheet that tells of the columns."""
LISTS = "allowed values"
"""The name of the hidden sheet that the drop-down lists come from."""
NOTES_HEAD = ("node type", "column", "required", "what a cell holds", "allowed values", "description")
NOT_ALLOWED = "not an allowed value"


def no_such_node(name: str, similar: Sequence[str]) -> str:
    more = f". Similar names: {either(similar)}" if similar else ""
    return f"{shown(name)} is no node type of the dictionary{more}"


def not_submittable(name: str) -> str:
    return f"{shown(name)} has no template: no record of this type goes into a project"


def always(node_id: str) -> str:
    return f"always {visible(node_id)}"


def kind(told: PropertyExplanation) -> str:
    """What a cell of a property holds."""
    said = explained.types(told.types, told.items, bool(told.alternatives), len(told.allowed))
    more = [*told.bounds, *(["date and time such as 2024-05-17T09:30:00Z"] if told.format == "date-time" else [])]
    if told.pattern:
        more.append(f"of the pattern {told.pattern}")
    if told.alternatives:
        more.append(" or: ".join(told.alternatives))
    return "; ".join([said, *more]).replace("`", "")


def parent(told: LinkExplanation) -> str:
    key = "code of the project" if told.target == "project" else f"submitter_id of a {visible(told.target)}"
    return f"{key}; {explained.multiplicity(told.multiplicity).partition(' (')[0]}"


def about_parent(told: LinkExplanation) -> str:
    several = told.multiplicity in ("one_to_many", "many_to_many")
    return "The parent record." + (" Several are separated by commas." if several else "")


def choose(most: int) -> str:
    return f"choose one of {counted(most, 'allowed value')}"


def more_values(number: int) -> str:
    return f"… {number:,} more"


def not_written(path: str, why: str) -> str:
    return f"{path}: cannot be written ({why})"


def written(paths: Sequence[str]) -> str:
    return f"written: {', '.join(map(visible, paths))}"


def exists_already(path: str) -> str:
    return f"{path}: there is such a file already; name another one, or use --overwrite"


def needs_file() -> str:
    return "a workbook cannot be printed; name a file or folder with --output"


def several_need_folder() -> str:
    return "several templates cannot be printed; name a folder (or an .xlsx file) with --output"


def ending_is_not(path: str, format_: str) -> str:
    return f"{path}: a file of this name is no {format_} file"


def excel_missing() -> str:
    return "writing .xlsx needs openpyxl; install it with `pip install 'gen3submit[excel]'`"


# The starter folder


def wrote(path: str) -> str:
    return f"wrote  {visible(path)}"


def kept(path: str) -> str:
    return f"kept   {visible(path)} (it was there already)"


def started(folder: str) -> str:
    return f"next: read {visible(folder)}"


def not_a_folder(path: str) -> str:
    return f"{path}: this is a file, and a folder is wanted"


CONFIG_HEAD = (
    "# Settings for gen3submit, used in this folder and those below it.",
    "# Flags such as --project and variables such as GEN3SUBMIT_PROJECT come before them.",
)
CONFIG_PROJECT = '# project = "PROGRAM-CODE"'
CONFIG_CREDENTIALS = '# credentials = "credentials.json"'


def readme(project: str | None, stages: Sequence[Sequence[str]], ending: str, *, has_commons: bool) -> str:
    """The README of a starter folder."""
    first = "the project is still to be filled in" if project is None else f"the project is `{visible(project)}`"
    order = "\n".join(
        f"{number}. {', '.join(f'`{visible(name)}`' for name in stage)}" for number, stage in enumerate(stages, 1)
    )
    key = (
        "\nYour key: download `credentials.json` from the profile page of the commons, keep it out of this folder's"
        "\nversion control, and name it in `gen3submit.toml`.\n"
        if has_commons
        else ""
    )
    return f"""# A submission

- `gen3submit.toml`: where to submit to ({first}).
- `templates/`: an empty table for each node type, the required columns first.
- `data/`: your tables go here.
{key}
## Next steps

1. Copy the templates that you need into `data/` and fill them in, a row for each record.
   `gen3submit explain NODE` and `gen3submit explain NODE.PROPERTY` tell what goes where.
2. `gen3submit check data` says what the server would say, and sends nothing.
   `gen3submit fix data --output fixed` mends spellings, spaces and encodings in copies.
3. `gen3submit plan data` shows what would be sent, in which order.
4. `gen3submit submit data` sends it. Interrupted, it can go on where it stopped.

To practise without a commons, add `--commons sandbox` to any of them.

## The order of node types

Parents come before their children; gen3submit finds the order itself, whatever the tables ({ending}) are called.

{order}
"""
