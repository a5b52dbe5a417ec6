"""What all measurements share: sizes, generated tables, dictionaries, the commands; and the lines that they give."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from columns import Column
from dictionaries import Dictionaries, added_nodes, sample_columns, write_dictionaries
from tables import PROJECT, Bad, write_submission
from timing import Run, run

BASELINES = Path(__file__).parent / "baselines"
GB = 1e9


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table of results."""

    what: str
    baseline: str
    """What the baseline did, with its number; empty where there is none."""
    ours: str
    """What gen3submit did, with its number."""
    reached: float | None
    """The ratio, or the amount in `unit`; None where nothing was measured."""
    target: float | None = None
    """None where the line is told for the sake of completeness."""
    at_most: bool = True
    """Whether the target is a maximum."""
    unit: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None where there is none, or no number."""
        if self.target is None or self.reached is None:
            return None
        return self.reached <= self.target if self.at_most else self.reached >= self.target


@dataclass
class Bench:
    """One run of the benchmarks."""

    work: Path
    """Holds everything that is made for it."""
    rows: int
    """How many rows the checked tables have (of the main type; a quarter of that are parents)."""
    runs: int
    """How often each of two programs runs that are compared."""
    is_large: bool = False
    """Whether ten times the rows are checked, too."""
    is_quick: bool = False
    """Whether everything is so small that only the way is tried."""
    _made: dict[str, Path] = field(default_factory=dict)

    @cached_property
    def plain(self) -> Dictionaries:
        """The dictionary of the gen3dictionary package."""
        return write_dictionaries(self.work / "plain")

    @cached_property
    def extended(self) -> Dictionaries:
        """The same with the types of the other column mixes."""
        return write_dictionaries(self.work / "extended", added=True)

    @property
    def send_rows(self) -> int:
        """How many rows are sent where a ratio of two uploads is taken."""
        return 500 if self.is_quick else 10_000

    @property
    def resend_rows(self) -> int:
        """How many rows the submission has that is sent again."""
        return 2_000 if self.is_quick else 100_000

    @property
    def environment(self) -> dict[str, str]:
        """Variables for every measured program: what it keeps goes into the work folder."""
        home = str(self.work / "home")
        folders = {f"XDG_{name}_HOME": f"{home}/{name.lower()}" for name in ("STATE", "CACHE", "CONFIG", "DATA")}
        # Python keeps what it compiled, as it does of every installed package.
        return {"HOME": home, **folders, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": ""}

    def samples(
        self, rows: int, *, bad: Bad | None = None, changed_every: int = 0, quotes: Literal["", "middle", "all"] = ""
    ) -> tuple[Path, Path]:
        """The folder of a submission of so many samples and their cases, and the file of the samples."""
        name = f"sample-{rows}"
        if bad:
            name += f"-bad{bad.every}-{'-'.join(bad.kinds)}"
        name += f"-changed{changed_every}" * bool(changed_every) + f"-quotes-{quotes}" * bool(quotes)
        columns = sample_columns(self.plain.loaded)
        return self._folder(name, "sample", columns, rows, bad=bad, changed_every=changed_every, quotes=quotes)

    def added(self, node: str, rows: int) -> tuple[Path, Path]:
        """The folder of a submission of an added type (see `dictionaries.added_nodes`), and the file of its rows."""
        return self._folder(f"{node}-{rows}", node, added_nodes()[node], rows)

    def _folder(
        self, name: str, node: str, columns: Sequence[Column], rows: int, **options: object
    ) -> tuple[Path, Path]:
        folder = self.work / "tables" / name
        if name not in self._made:
            self._made[name] = write_submission(folder, node, columns, rows, **options)  # type: ignore[arg-type]
        return folder, self._made[name]

    def run(self, command: Sequence[str | Path], expected: Sequence[int] = (0,)) -> Run:
        """Run a program with what it keeps in the work folder."""
        (self.work / "home").mkdir(exist_ok=True)
        return run(command, expected=expected, environment=self.environment, folder=self.work)

    def gen3submit(self, *arguments: str | Path, expected: Sequence[int] = (0,)) -> Run:
        """Run the command line of gen3submit in a process of its own."""
        return self.run([sys.executable, "-m", "gen3submit", *arguments], expected)

    def check(self, folder: Path, *options: str, dictionary: Path | None = None, is_bad: bool = False) -> Run:
        """Check a folder; a check that finds errors ends with exit code 1."""
        where = ("--dictionary", dictionary or self.plain.served, "--project", PROJECT)
        return self.gen3submit("check", folder, *where, "-q", *options, expected=(1,) if is_bad else (0,))

    def read_pandas(self, file: Path) -> Run:
        """Read a table with pandas."""
        return self.run([sys.executable, BASELINES / "read_pandas.py", file])
