"""Turns an act that a second person must agree to into a request."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from signatures.approving.actions import ask_second_person
from signatures.approving.gate import NeedsApprovalError
from signatures.models import Organiser


def ask_instead(request: HttpRequest, error: NeedsApprovalError, organiser: Organiser) -> HttpResponseRedirect:
    """Ask a second person for an act that was refused without one, and lead to the page of the request."""
    approval = ask_second_person(act=error.act, actor=organiser)
    messages.warning(request, gettext("Nothing has happened yet: a second person must agree."))
    return HttpResponseRedirect(reverse("admin:approval", args=[approval.pk]))
