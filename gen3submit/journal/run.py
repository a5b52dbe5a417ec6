"""A run: one submission of one set of files to one project, as its journal holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, ClassVar, Literal, Self

from gen3submit.journal.states import RunState


@dataclass(frozen=True, slots=True)
class Choices:
    """How a submission is carried out."""

    as_: Literal["json", "tsv"] = "json"
    """The form in which rows are sent."""
    batch_size: int | None = None
    """The most rows in a request; None: as many as the commons takes in about ten seconds."""
    parallel: int = 1
    """How many requests may be under way at once."""
    verify: bool = True
    """Whether success is proved."""
    overwrite: bool = False
    """Whether rows are sent that somebody else changed since the plan."""
    resend_unchanged: bool = False
    """Whether rows are sent that the commons holds exactly so already."""
    good_rows: bool = False
    """Whether the good rows are sent although others have errors."""
    no_values: bool = False
    """Whether journal and report keep no values of the data."""
    dry_run: bool = False
    """Whether the commons is only asked what it would say."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The choices in a JSON object; names that are not known are left out."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in json.loads(text).items() if name in known})


@dataclass(frozen=True, slots=True)
class Run:
    """What is told of a submission as a whole."""

    id: str
    """How a person names it."""
    state: RunState
    endpoint: str | None
    """Of the commons; None where it was planned without one."""
    project: str
    """``PROGRAM-CODE``."""
    dictionary: Mapping[str, str | None]
    """Its source, version and sha256."""
    choices: Choices
    created: float
    """Seconds since 1970."""
    begun: float | None = None
    """When sending began."""
    ended: float | None = None
    compared: float | None = None
    """When the commons was read for the plan; None where nothing is known of it."""
    log_readable: bool | None = None
    """Whether the transaction log could be read; None where nobody tried."""
    stopped: str | None = None
    """Why it stopped before its end."""
    interrupted: bool = False
    """Whether the user stopped it."""
    version: str = field(default="")
    """Of gen3submit."""
    seconds: float = 0.0
    """That the check took."""

    COLUMNS: ClassVar[Sequence[str]] = (
        "id",
        "state",
        "endpoint",
        "project",
        "dictionary",
        "choices",
        "created",
        "begun",
        "ended",
        "compared",
        "log_readable",
        "stopped",
        "interrupted",
        "version",
        "seconds",
    )

    def with_(self, **changes: Any) -> Run:
        """The run with some things changed."""
        return replace(self, **changes)


def values_of(run: Run) -> list[Any]:
    """The columns of the run, as the journal keeps them."""
    return [
        1,
        run.id,
        str(run.state),
        run.endpoint,
        run.project,
        json.dumps(dict(run.dictionary)),
        json.dumps(asdict(run.choices)),
        float(run.created),
        run.begun,
        run.ended,
        run.compared,
        None if run.log_readable is None else int(run.log_readable),
        run.stopped,
        int(run.interrupted),
        run.version,
        float(run.seconds),
    ]


def run_from(row: Sequence[Any]) -> Run:
    """The run in the journal's columns."""
    found = dict(zip(Run.COLUMNS, row[1:], strict=False))
    readable = found["log_readable"]
    return Run(
        **{
            **found,
            "state": RunState(found["state"]),
            "dictionary": json.loads(found["dictionary"]),
            "choices": Choices.from_json(found["choices"]),
            "log_readable": None if readable is None else bool(readable),
            "interrupted": bool(found["interrupted"]),
        }
    )
