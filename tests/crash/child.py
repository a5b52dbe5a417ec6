"""A submitter in a process of its own, which kills itself at a named moment, or waits to be killed.

Called as ``child.py URL CREDENTIALS STATE DATA POINT COUNT``: at the moment POINT, met for the COUNTth time, the
process is gone. With ``signal:NAME`` in front of the point it sends itself that signal instead.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from gen3submit.commons import Commons
from gen3submit.submit import Circumstances, Stop, upload
from tests.clinic import clinic
from tests.submitting import PROJECT, QUICK


def main(url: str, credentials: str, state: str, data: str, point: str, count: str) -> int:
    what, _, point = point.rpartition(":")
    sent = signal.SIGKILL if not what else getattr(signal, what)
    left = int(count)

    def at(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), sent)

    stop = Stop(grace=2.0)
    around = Circumstances(state=Path(state), patience=QUICK, at=at, stop=stop)
    commons = Commons(url, json.loads(credentials))
    try:
        with stop.on_signals():
            report = upload(
                data,
                project=PROJECT,
                commons=commons,
                dictionary=clinic(),
                resume=True,
                batch_size=4,
                circumstances=around,
            )
    except KeyboardInterrupt:
        return 130
    print(json.dumps(report.counts))
    return 130 if report.interrupted else report.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
