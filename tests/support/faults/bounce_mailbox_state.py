"""Runs the reading of the bounce mailbox, and returns what was counted."""

from __future__ import annotations

from signatures.mailing.bounce_reading import BounceReader
from signatures.models import BounceCount


def look() -> int:
    """Read the mailbox as a freshly started worker does, and return how many mails were processed."""
    return BounceReader().look()


def counts() -> dict[tuple[str, str], int]:
    """Return the bounces counted so far by provider and kind."""
    return {(row.provider, row.kind): row.amount for row in BounceCount.objects.all()}
