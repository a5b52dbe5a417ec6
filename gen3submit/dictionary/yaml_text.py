"""Reads YAML safely, into what JSON can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    _SafeLoader = yaml.SafeLoader
else:
    # The C loader is about eight times faster; it is missing where PyYAML was built without libyaml.
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 100
"""How deep values may nest; real dictionaries reach about ten."""


class _TextLoader(_SafeLoader):
    """The safe loader, but a date stays the text it is: JSON has no dates."""


_TextLoader.yaml_implicit_resolvers = {
    start: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for start, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}
# Sets, bytes and ordered pairs are no JSON either; without a constructor they are an error that names the line.
_TextLoader.yaml_constructors = {
    tag: constructor
    for tag, constructor in _SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in {"null", "bool", "int", "float", "str", "seq", "map"}
}


def parse(text: str) -> Any:
    """The value that the YAML text holds.

    Raises:
        RecursionError: it nests too deeply.
        yaml.YAMLError: it is no YAML.
    """
    depth = 0
    # The C loader builds values by recursion without a limit, and takes the whole process with it when the stack
    # ends. Its parser has no such weakness, so the depth is looked at before anything is built.
    for event in yaml.parse(text, Loader=_TextLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return yaml.load(text, Loader=_TextLoader)  # noqa: S506  a safe loader, see above
