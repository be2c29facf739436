"""The organisers' desk: what the Django admin shows, to whom, and what is recorded of it."""

from __future__ import annotations

from signatures.admin import bounces, delivering, news, organisers, petitions, records, signers

__all__ = ["bounces", "delivering", "news", "organisers", "petitions", "records", "signers"]
