"""Says whether a mail was sent to where bounces come to, by whole addresses: ours may stand within another one."""

from __future__ import annotations

from email import message_from_bytes
from email.utils import getaddresses

from django.conf import settings

# In which of its lines a mail, or the server that took it, says where it was sent to.
ADDRESSED_IN = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To")


def is_addressed(head: bytes) -> bool:
    """Return whether one of the recipients that some lines of a head name is BOUNCE_ADDRESS."""
    lines = message_from_bytes(head)
    return any(_names(str(line)) for name in ADDRESSED_IN for line in lines.get_all(name, []))


def _names(line: str) -> bool:
    try:
        recipients = getaddresses([line])
    except (RecursionError, ValueError, IndexError):
        # Comments without end, which no mail server writes.
        return False
    return any(address.lower() == settings.BOUNCE_ADDRESS.lower() for _, address in recipients)
