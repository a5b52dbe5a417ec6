"""Sphinx configuration; the pages of commands and findings are generated from the code at each build."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import generate  # beside this file

from gen3submit import __version__  # as above

generate.pages(Path(__file__).parent / "reference" / "generated")

project = "gen3submit"
copyright = "the gen3submit contributors"  # noqa: A001  # Sphinx's name
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "gen3submit"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_format = "short"
nitpicky = False
suppress_warnings = ["myst.xref_missing"]  # server-behaviour.md is read on its own, too
default_role = "code"
