"""Virtual environments for the programs that gen3submit is compared with, made once and kept in `.environments`."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from timing import MeasurementFailed

FOLDER = Path(__file__).parent / ".environments"
SDK = "gen3==4.28.5"
VALIDATOR = "gen3-validator==2.3.0"


def python_with(requirement: str) -> Path:
    """The Python of an environment that holds this package, and what it asks for.

    Raises:
        MeasurementFailed: the package cannot be installed.
    """
    folder = FOLDER / requirement.replace("==", "-")
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        venv.create(folder, with_pip=True, clear=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MeasurementFailed(f"`{requirement}` could not be installed")
        complete.touch()
    return python


def versions(python: str | Path, packages: Sequence[str]) -> dict[str, str]:
    """The versions of Python and of these packages in an environment."""
    program = (
        "import importlib.metadata as m, json, platform, sys\n"
        "print(json.dumps({'Python': platform.python_version(), **{p: m.version(p) for p in sys.argv[1:]}}))"
    )
    done = subprocess.run([python, "-c", program, *packages], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def installed() -> dict[str, dict[str, str]]:
    """The versions in the environment of gen3submit, and in those of the others that were made."""
    found = {"gen3submit": versions(sys.executable, ["pandas", "pyarrow", "numpy", "jsonschema", "gen3dictionary"])}
    for requirement, packages in ((SDK, ["gen3", "pandas"]), (VALIDATOR, ["gen3_validator", "pandas", "jsonschema"])):
        folder = FOLDER / requirement.replace("==", "-")
        if (folder / "complete").exists():
            found[requirement.partition("==")[0]] = versions(folder / "bin" / "python", packages)
    return found
