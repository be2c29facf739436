"""Decides whether an attempt looks doubtful; it only says so, others act."""

from __future__ import annotations

from signatures.models.choices import StateReason


def suspicion_of(*, honeypot: str) -> StateReason | None:
    """Return why a new signature from this attempt must wait for an organiser, or None.

    :param honeypot: what stands in the field that people do not see
    """
    return StateReason.HONEYPOT if honeypot else None
