"""Counts for the metrics which limits turn requests away, and not whom."""

from __future__ import annotations

from signatures.event_counts import LIMIT_SLOTS, counts

# In the order of their slots: new ones go to the end.
LIMITS = (
    "forms",
    "login",
    "factor",
    "login of account",
    "factor of account",
    "passkey of account",
    "device of account",
    "old password of account",
)


def note_limit_hit(limit: str) -> None:
    """Count a request that was refused.

    :raises ValueError: if LIMITS does not have the limit
    """
    counts.add(LIMIT_SLOTS.start + LIMITS.index(limit))


def limit_hits() -> dict[str, int]:
    """Return how many requests each limit has refused since the start of the server."""
    return dict(zip(LIMITS, counts.totals(range(LIMIT_SLOTS.start, LIMIT_SLOTS.start + len(LIMITS))), strict=True))
