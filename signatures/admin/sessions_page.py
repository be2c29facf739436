"""The pages on which somebody sees and ends sessions: one's own, or those of an account that one may change."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser
from signatures.admin.half_way import is_proof_fresh, lead_on
from signatures.admin.session_words import browser_words
from signatures.models import Organiser, Session
from signatures.safeguarding.session_ending import end_sessions
from signatures.safeguarding.sessions import SessionStore

ALL_OTHERS = "others"


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def sessions(request: HttpRequest) -> HttpResponse:
    """List the organiser's own sessions, or end one or all others after a proof that is fresh.

    :raises PermissionDenied: if nobody is logged in
    :raises BadRequest: if it is not said which
    """
    organiser = acting_organiser(request)
    own = _own_row(request)
    if request.method == "POST":
        asked = request.POST.get("end", "")
        if asked != ALL_OTHERS and not (asked.isascii() and asked.isdigit() and len(asked) < len(str(2**63))):
            raise BadRequest
        if not is_proof_fresh(request, organiser):
            return lead_on(request, organiser)
        only = None if asked == ALL_OTHERS else int(asked)
        _say(request, end_sessions(actor=organiser, organiser=organiser, only=only, keep=own))
        return HttpResponseRedirect(reverse("admin:sessions"))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Where you are logged in"),
        "sessions": [
            {"row": row, "browser": browser_words(row.browser, row.system), "is_this": row.pk == own}
            for row in Session.objects.live().filter(organiser=organiser).order_by("-seen_at", "-pk")
        ],
    }
    return render(request, "admin/sessions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def organiser_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how many sessions an account has, and end them all.

    :raises PermissionDenied: if the account may not be changed by whoever asks
    """
    actor = acting_organiser(request, "change_organiser")
    organiser = get_object_or_404(Organiser, pk=pk)
    if not actor.may_change(organiser):
        raise PermissionDenied
    if request.method == "POST":
        keep = _own_row(request) if organiser == actor else None
        _say(request, end_sessions(actor=actor, organiser=organiser, keep=keep))
        return HttpResponseRedirect(reverse("admin:signatures_organiser_change", args=[organiser.pk]))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Sessions of an account"),
        "account": organiser,
        "amount": Session.objects.live().filter(organiser=organiser).count(),
    }
    return render(request, "admin/organiser_sessions.html", context)


def _own_row(request: HttpRequest) -> int | None:
    return request.session.row_id if isinstance(request.session, SessionStore) else None


def _say(request: HttpRequest, amount: int) -> None:
    if not amount:
        messages.info(request, gettext("No session was left to end."))
        return
    said = ngettext("%(amount)d session is ended.", "%(amount)d sessions are ended.", amount)
    messages.success(request, said % {"amount": amount})
