"""What users give in one option: ids, node types."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gen3submit.errors import UsageProblem
from gen3submit.messages import given as words

if TYPE_CHECKING:
    from gen3submit.dictionary import Dictionary, Node

_LARGEST_FILE = 100_000_000


def ids(text: str) -> list[str]:
    """The ids in a list with commas, or in a file with one (or several) on a line, each once.

    Raises:
        UsageProblem: the file cannot be read, or there are none.
    """
    path = Path(text)
    if "," not in text and path.is_file():
        try:
            with path.open(encoding="utf-8-sig") as file:
                content = file.read(_LARGEST_FILE)
        except (OSError, ValueError) as error:
            raise UsageProblem(words.unreadable(text, str(error))) from None
    else:
        content = text
    found = list(dict.fromkeys(content.replace(",", " ").split()))
    if not found:
        raise UsageProblem(words.no_ids(text))
    return found


def node(dictionary: Dictionary, name: str) -> Node:
    """The node type of this name.

    Raises:
        UsageProblem: the dictionary has none, or its records do not go into a project.
    """
    from gen3submit.checking.nearest import nearest

    found = dictionary.get(name)
    if found is None:
        raise UsageProblem(words.no_such_node(name, nearest(name, list(dictionary), 3)))
    if not found.is_submittable:
        raise UsageProblem(words.not_submittable(name))
    return found
