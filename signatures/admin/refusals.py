"""Says at the desk that the mail server refuses us: until somebody mends it, nobody who signs gets a mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from signatures.mailing.relaying import relay_warnings


def warn_of_refusals(request: HttpRequest) -> None:
    """Say on a page of the desk why mails wait, in our own words; the mail server's may hold an address."""
    if request.method != "GET" or not request.user.has_perm("signatures.view_petition"):
        return
    for sentence in relay_warnings():
        messages.error(request, sentence)
