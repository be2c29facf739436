"""Turns emergency switches in tests."""

from __future__ import annotations

from signatures.models.switch import SwitchName
from signatures.safeguarding.switches import turn_off, turn_on


def turned(name: SwitchName, *, on: bool = True) -> None:
    """Turn a switch as a command does."""
    (turn_on if on else turn_off)(name=name, reason="A test", actor=None)
