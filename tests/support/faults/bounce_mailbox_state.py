"""Looks into the mailbox that mails come back to, and at what was counted."""

from __future__ import annotations

from signatures.mailing.bounce_reading import BounceReader
from signatures.models import BounceCount


def look() -> int:
    """Look into the mailbox as the worker does that has just begun, and return how many mails were dealt with."""
    return BounceReader().look()


def counts() -> dict[tuple[str, str], int]:
    """Return what was counted so far."""
    return {(row.provider, row.kind): row.amount for row in BounceCount.objects.all()}
