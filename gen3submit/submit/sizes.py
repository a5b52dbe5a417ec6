"""How many rows go into a request: as many as the commons takes in about ten seconds, fewer where that is too much."""

from __future__ import annotations

FIRST = 250
MOST = 10_000
MOST_BYTES = 16 * 2**20
_GROWTH = 4
_RECOVERY = 1.5


class BatchSize:
    """The size of the next batch, learnt from how long the last ones took."""

    def __init__(self, fixed: int | None = None, target: float = 10.0) -> None:
        """`fixed` is the most rows that the user wants in a request; `target` the seconds that one should take."""
        self._target = target
        self._most = fixed or MOST
        self._fixed = fixed is not None
        self._ceiling = float(self._most)
        self.rows = min(fixed or FIRST, self._most)
        """How many rows the next batch may have."""
        self.bytes = MOST_BYTES
        """How large the next body may be."""

    def answered(self, rows: int, seconds: float) -> None:
        """A batch of so many rows was stored in so many seconds."""
        self._ceiling = min(self._ceiling * _RECOVERY, self._most)
        if self._fixed:
            self.rows = max(1, min(int(self._ceiling), self._most))
            return
        fitting = rows * self._target / max(seconds, 0.001)
        if rows < self.rows // 2:  # a rest, of which the request may cost more than the rows: they are no slower
            fitting = max(fitting, self.rows)
        self.rows = max(1, int(min(fitting, self.rows * _GROWTH, self._ceiling)))

    def too_slow(self, rows: int) -> None:
        """A batch of so many rows found no answer in time."""
        self._halve(rows)

    def too_large(self, rows: int, size: int) -> None:
        """A body of so many bytes was refused for its size."""
        self.bytes = max(1, size // 2)
        self._halve(rows)

    def _halve(self, rows: int) -> None:
        self._ceiling = max(1.0, rows / 2)
        self.rows = max(1, min(self.rows, int(self._ceiling)))
