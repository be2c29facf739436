"""Warns those who run the server, on the admin's start page, of providers that bounce many mails."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from signatures.models import BounceCount


def tell_what_came_back(request: HttpRequest) -> None:
    """Show on the admin's start page which providers bounce many mails, with a link to the numbers."""
    if request.method != "GET" or not request.user.has_perm("signatures.view_bouncecount"):
        return
    for provider, amount in BounceCount.objects.all().refusing():
        if provider:
            sentence = ngettext(
                "%(n)s mail has come back from %(provider)s for good since yesterday: it may be refusing this site.",
                "%(n)s mails have come back from %(provider)s for good since yesterday: it may be refusing this site.",
                amount,
            )
        else:
            sentence = ngettext(
                "%(n)s mail has come back for good since yesterday from domains of no large provider: somebody may be"
                " entering addresses that do not exist.",
                "%(n)s mails have come back for good since yesterday from domains of no large provider: somebody may be"
                " entering addresses that do not exist.",
                amount,
            )
        link = reverse("admin:signatures_bouncecount_changelist")
        told = sentence % {"n": amount, "provider": provider}
        messages.warning(request, format_html('{} <a href="{}">{}</a>', told, link, gettext("Open the list")))
