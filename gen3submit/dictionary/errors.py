"""What can be wrong with a dictionary itself."""

from __future__ import annotations

from gen3submit.messages import dictionary as words
from gen3submit.errors import UsageProblem


class DictionaryError(UsageProblem):
    """Raised when a dictionary cannot be read or contradicts itself. Names the source and the path inside it."""

    @classmethod
    def not_a_node(cls, source: str, path: str) -> DictionaryError:
        return cls(words.not_a_node(source, path))

    @classmethod
    def bad_links(cls, source: str, path: str) -> DictionaryError:
        return cls(words.bad_links(source, path))

    @classmethod
    def link_target(cls, source: str, path: str, target: str) -> DictionaryError:
        return cls(words.link_target(source, path, target))
