"""What can be wrong with a dictionary itself."""

from __future__ import annotations

from gen3submit.errors import UsageProblem


class DictionaryError(UsageProblem):
    """Raised when a dictionary cannot be read or contradicts itself. Names the source and the path in it."""
