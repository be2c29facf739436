"""Decides whether an attempt is suspicious; acting on it is left to the caller."""

from __future__ import annotations

from signatures.models.choices import StateReason


def suspicion_of(*, honeypot: str) -> StateReason | None:
    """Return why a new signature from this attempt must be held for an organiser, or None.

    :param honeypot: the value of the field that people do not see
    """
    return StateReason.HONEYPOT if honeypot else None
