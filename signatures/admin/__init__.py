"""The organisers' desk: what the Django admin shows, to whom, and what is recorded of it."""

from __future__ import annotations

from signatures.admin import (
    audit_log,
    bounce_counts,
    hand_overs,
    organisers,
    petitions,
    records,
    signature_list,
    updates,
)

__all__ = [
    "audit_log",
    "bounce_counts",
    "hand_overs",
    "organisers",
    "petitions",
    "records",
    "signature_list",
    "updates",
]
