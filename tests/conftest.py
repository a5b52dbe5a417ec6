"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# Machines differ in speed and may be busy: no example fails for being slow.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
