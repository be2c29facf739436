"""The organisers' desk: what the Django admin shows, to whom, and what is recorded of it."""

from __future__ import annotations

from signatures.admin import delivering, organisers, petitions, records, signers

__all__ = ["delivering", "organisers", "petitions", "records", "signers"]
