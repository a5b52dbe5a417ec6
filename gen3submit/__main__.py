"""The way in from the shell: ``gen3submit`` and ``python -m gen3submit``."""

from __future__ import annotations

import gc
import os
import sys

COMPLETION = "_GEN3SUBMIT_COMPLETE"
"""The variable with which a shell asks for completions, and gives no arguments."""


def main() -> None:
    """Run the command line; the plain help and the version are printed without loading anything for them."""
    arguments = sys.argv[1:]
    if arguments in ([], ["--help"], ["-h"]) and COMPLETION not in os.environ:
        from gen3submit.messages.command_line import main_help  # noqa: PLC0415  # help must be quick

        sys.stdout.write(main_help())
        raise SystemExit(0 if arguments else 2)
    from gen3submit.collecting import SELDOM  # noqa: PLC0415  # as above

    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])  # loading the libraries makes nearly as many, and no garbage
    # numpy would start threads for algebra, of which there is none
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from gen3submit.cli.main import run  # noqa: PLC0415  # as above

    code = run(arguments)
    gc.freeze()  # the process ends: nobody needs to look for garbage in what it leaves
    raise SystemExit(code)


if __name__ == "__main__":
    main()
