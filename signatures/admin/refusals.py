"""Warns in the admin that the mail server refuses us: until that is fixed, no signer gets a mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from signatures.admin.access import acting_organiser
from signatures.mailing.relaying import relay_warnings
from signatures.models.rights import may


def warn_of_refusals(request: HttpRequest) -> None:
    """Show on an admin page why mails are delayed, in our words; the mail server's might contain an address."""
    if request.method != "GET" or not may(acting_organiser(request), "view_petition", None):
        return
    for sentence in relay_warnings():
        messages.error(request, sentence)
