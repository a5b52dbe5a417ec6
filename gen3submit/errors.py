"""The exceptions a caller can meet.

::

    Gen3SubmitError            never raised itself
    ├── UsageProblem           the input of the tool is not usable (exit 2): files, options, dictionary, journal
    └── CommonsProblem         the commons cannot be reached or does not answer as one (exit 2, or 3 in mid-run)

Bad *data* is never an exception: it is a `gen3submit.findings.Finding`. An unclear delivery is neither: it is the
outcome ``unknown`` of a row.
"""

from __future__ import annotations


class Gen3SubmitError(Exception):
    """The base of every exception of this package; never raised itself.

    `str()` of it is one clear sentence (possibly two: what is wrong, and what to do), fit to be printed.
    """


class UsageProblem(Gen3SubmitError):
    """Raised when what the user gave cannot be used: a path, an option, a dictionary, a journal."""


class CommonsProblem(Gen3SubmitError):
    """Raised when the commons cannot be reached, refuses the caller, or answers something that is no answer."""
