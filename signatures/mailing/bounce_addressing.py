"""Checks whether a mail is addressed to the bounce address, as a whole: a longer address may contain ours."""

from __future__ import annotations

from email import message_from_bytes
from email.utils import getaddresses

from django.conf import settings

# The headers in which a mail, or the server that accepted it, names its recipients.
ADDRESSED_IN = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To")


def is_addressed(head: bytes) -> bool:
    """Return whether any recipient named in these mail headers is BOUNCE_ADDRESS."""
    lines = message_from_bytes(head)
    return any(_names(str(line)) for name in ADDRESSED_IN for line in lines.get_all(name, []))


def _names(line: str) -> bool:
    try:
        recipients = getaddresses([line])
    except (RecursionError, ValueError, IndexError):
        # Endlessly nested comments, which no mail server writes.
        return False
    return any(address.lower() == settings.BOUNCE_ADDRESS.lower() for _, address in recipients)
