"""What a submission is carried out with besides its data: time, patience, the user's wish to stop, places."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from gen3submit.commons.clock import Clock
from gen3submit.journal.places import state_folder
from gen3submit.progress import NO_PROGRESS, Progress
from gen3submit.submit.patience import Patience, Waiting
from gen3submit.submit.points import Points, nowhere
from gen3submit.submit.stopping import Stop


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a submission is carried out with. The defaults are those of everyday use."""

    state: Path | None = None
    """The folder of journals and locks; the user's state folder if not given."""
    stop: Stop = field(default_factory=Stop)
    """How the user stops it."""
    patience: Patience = field(default_factory=Patience)
    clock: Clock = field(default_factory=Clock)
    chance: random.Random | None = None
    """What spreads waits over time."""
    at: Points = nowhere
    """Is told of each moment at which a crash would be interesting."""
    locked_as: str | None = None
    """What stands for the commons where its address does not, such as the data file of a practice commons."""

    @property
    def folder(self) -> Path:
        """The folder of journals and locks."""
        return state_folder(self.state)

    def waiting(self, progress: Progress = NO_PROGRESS) -> Waiting:
        """How this submission waits."""
        return Waiting(self.patience, self.clock, self.stop, progress, self.chance)
