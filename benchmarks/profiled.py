"""Runs the command line of gen3submit with a profiler in each of its threads, and keeps what they saw together.

Arguments: the file for the profile, and the arguments of gen3submit.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import threading
from typing import Any

from gen3submit.__main__ import main


def run(output: str) -> None:
    """Run the command in `sys.argv`; its exit code is that of this program."""
    profiles = [cProfile.Profile()]

    def begin(*_: Any) -> None:
        """Called at the first call in a new thread: a profiler takes the place of this function there."""
        profile = cProfile.Profile()
        try:
            profile.enable()
        except ValueError:  # since Python 3.12 a process has one profiler
            sys.setprofile(None)
        else:
            profiles.append(profile)

    threading.setprofile(begin)
    try:
        profiles[0].runcall(main)
    finally:
        threading.setprofile(None)  # type: ignore[arg-type]  # the way to end it
        seen = pstats.Stats(profiles[0])
        for profile in profiles[1:]:
            if profile.getstats():
                seen.add(profile)
        seen.dump_stats(output)


if __name__ == "__main__":
    output, *sys.argv[1:] = sys.argv[1:]
    run(output)
