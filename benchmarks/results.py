"""Shows the results as a table for the terminal, and writes them as a page with the machine and the versions."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import Line
from environments import installed

import gen3submit

_HEADER = ("what", "baseline", "gen3submit", "target", "reached", "")


def machine() -> str:
    """The processor, its cores, the memory and the system, in a sentence."""
    processor = _entry(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()
    memory = int((_entry(Path("/proc/meminfo"), "MemTotal") or "0 kB").split()[0]) * 1024 / 1e9
    cores = len(os.sched_getaffinity(0))
    return f"{processor}, {cores} cores, {memory:.0f} GB of memory, {platform.system()} {platform.machine()}"


def commit() -> str:
    """The commit of gen3submit that is measured."""
    command = ["git", "-C", str(Path(gen3submit.__file__).parent)]
    try:
        name = subprocess.run([*command, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changes = subprocess.run(
            [*command, "status", "--porcelain", "--untracked-files=no", "--", "."],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.stdout.strip() + (" with changes" if changes.stdout.strip() else "")


def shown(lines: Sequence[Line]) -> str:
    """The table for the terminal."""
    cells = [_HEADER, *(_cells(line) for line in lines)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(_HEADER))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def page(
    found: Mapping[str, Sequence[Line]], how: Mapping[str, str], titles: Mapping[str, str], *, command: str, load: str
) -> str:
    """The page of results in Markdown.

    Args:
        found: the lines of each measurement.
        how: for each measurement how it is made.
        titles: what each is called.
        command: the command that made the page.
        load: how busy the machine was when it began.
    """
    facts = {
        "machine": machine(),
        "load when the run began": load,
        "gen3submit": f"commit {commit()}",
        **{
            f"in the environment of {name}": ", ".join(f"{package} {version}" for package, version in packages.items())
            for name, packages in installed().items()
        },
    }
    about = (
        f"Written by `{command}`. Everything was measured in one run; a ratio is that of gen3submit to the baseline"
        " beside it. A target with ≥ is a minimum, one with ≤ a maximum."
    )
    parts = ["# Results of the benchmarks", about, "\n".join(f"- {name}: {fact}" for name, fact in facts.items())]
    for name, lines in found.items():
        table = [_HEADER, ("---",) * len(_HEADER), *(_cells(line) for line in lines)]
        parts += [
            f"## {titles[name]}",
            how[name],
            "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in table),
        ]
    return "\n\n".join(parts) + "\n"


def _cells(line: Line) -> tuple[str, ...]:
    unit = f" {line.unit}" * bool(line.unit)
    target = "" if line.target is None else f"{'≤' if line.at_most else '≥'} {line.target:g}{unit}"
    reached = "failed" if line.reached is None else f"{_number(line.reached)}{unit}"
    met = {True: "met", False: "missed", None: ""}[line.is_met]
    return line.what, line.baseline, line.ours, target, reached, met


def _number(value: float) -> str:
    """Three digits that count, and no more than the measurement can tell."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def _entry(path: Path, name: str) -> str | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
