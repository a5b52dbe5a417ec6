"""Check and submit metadata to a Gen3 data commons, with nothing lost.

The public names; each is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gen3submit.checking import check
    from gen3submit.commons import Commons
    from gen3submit.dictionary import Dictionary
    from gen3submit.findings import CheckResult, Finding

__all__ = ["CheckResult", "Commons", "Dictionary", "Finding", "check"]
__version__ = "0.1.0"

_PLACES = {
    "CheckResult": "gen3submit.findings",
    "Commons": "gen3submit.commons",
    "Dictionary": "gen3submit.dictionary",
    "Finding": "gen3submit.findings",
    "check": "gen3submit.checking",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, and the libraries it needs with it, only when it is asked for."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(name)
