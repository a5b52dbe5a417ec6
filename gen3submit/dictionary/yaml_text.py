"""A safe YAML loader that makes only what JSON can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    _SafeLoader = yaml.SafeLoader
else:
    # The C loader is about eight times faster; it is missing where PyYAML was built without libyaml.
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class TextLoader(_SafeLoader):
    """The safe loader, but a date stays the text it is: JSON has no dates."""


TextLoader.yaml_implicit_resolvers = {
    start: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for start, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}
