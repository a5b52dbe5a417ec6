"""The check that goes before a submission, with what the commons holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gen3submit.checking import check
from gen3submit.checking.choosing import load_ahead
from gen3submit.commons.errors import NotAllowed
from gen3submit.dictionary import Dictionary
from gen3submit.findings import CheckResult
from gen3submit.planning.held import Held
from gen3submit.planning.recognising import recognise
from gen3submit.progress import Progress
from gen3submit.tables.sources import sources

if TYPE_CHECKING:
    from gen3submit.commons import Commons


def as_list(paths: Any) -> list[Any]:
    """The inputs as a list, since they are looked at twice; a DataFrame is one input, whatever it iterates over."""
    single = isinstance(paths, str | os.PathLike) or hasattr(paths, "itertuples") or not isinstance(paths, Iterable)
    return [paths] if single else list(paths)


def checked(
    paths: Sequence[Any],
    project: str,
    commons: Commons,
    dictionary: Any,
    existing: Sequence[Any] | None,
    held: Held,
    progress: Progress,
) -> tuple[Dictionary, CheckResult]:
    """The dictionary (the commons' own if none is given), and what the check found with it.

    Raises:
        UsageProblem: an input cannot be used.
        CommonsProblem: the commons cannot be asked.
    """
    tables = sources(paths)
    load_ahead(tables)
    loaded = Dictionary.load(commons if dictionary is None else dictionary)
    known: Any = held if existing is None else existing
    if existing is None:
        recognise(tables, held, loaded, progress)
    try:
        result = check(paths, dictionary=loaded, project=project, existing=known, progress=progress)
    except NotAllowed:  # who may write but not read: parents that are not in the submission cannot be verified
        result = check(paths, dictionary=loaded, project=project, progress=progress)
    if existing is None:
        held.read_noted()
    return loaded, result
