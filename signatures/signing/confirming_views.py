"""Typing a code, and confirming: GET shows, POST acts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from modern_csrf.decorators import csrf_protect

from signatures.links import petition_url
from signatures.models import Attempt, TextVersionBody
from signatures.models.choices import Visibility
from signatures.safeguarding.encryption import decrypt
from signatures.safeguarding.rate_limits import seconds_to_wait
from signatures.signing.actions import UnknownCodeError, attempt_of, confirm_attempt
from signatures.signing.answers import link_expired, minutes, too_many
from signatures.signing.forms import CodeForm, ConfirmForm

UNPROCESSABLE = 422


@csrf_exempt
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def confirm_entry(request: HttpRequest, language: str) -> HttpResponse:
    """Ask for a code, or lead to the page of the code typed, whether or not it exists."""
    if request.method != "POST":
        return render(request, "signing/confirm_entry.html", {"form": CodeForm()})
    form = CodeForm(request.POST)
    wait = seconds_to_wait(request, "confirm", settings.CONFIRM_RATES)
    if wait:
        context = {"form": form, "rate_limited_minutes": minutes(wait)}
        return too_many(render(request, "signing/confirm_entry.html", context), wait)
    code = form.cleaned_data["code"].strip() if form.is_valid() else ""
    # An empty code has no address of its own, so that it is led to one that cannot exist.
    path = reverse("confirm", kwargs={"language": language, "code": code or "-"})
    return HttpResponseRedirect(path, status=303)


@csrf_exempt
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def confirm(request: HttpRequest, language: str, code: str) -> HttpResponse:
    """Show what will be confirmed, or confirm it."""
    wait = seconds_to_wait(request, "confirm", settings.CONFIRM_RATES) if request.method == "POST" else 0
    try:
        attempt = attempt_of(code)
    except UnknownCodeError:
        if wait:
            context = {"form": CodeForm(), "rate_limited_minutes": minutes(wait)}
            return too_many(render(request, "signing/confirm_entry.html", context), wait)
        return link_expired(request, language)
    if attempt.confirmed_at is not None:
        # A second click within minutes; whoever only looks gets the one answer for links that are used up.
        if request.method == "POST":
            return _to_thanks(attempt, language)
        return link_expired(request, language)
    chosen = Visibility(attempt.visibility)
    if request.method != "POST":
        return _show(request, language, attempt, ConfirmForm(chosen=chosen))
    form = ConfirmForm(request.POST, chosen=chosen)
    if wait:
        return too_many(_show(request, language, attempt, form, wait=wait), wait)
    if not form.is_valid():
        return _show(request, language, attempt, form, status=UNPROCESSABLE)
    try:
        confirm_attempt(
            code=code,
            visibility=Visibility(form.cleaned_data["visibility"]),
            reason=form.cleaned_data.get("reason"),
        )
    except UnknownCodeError:
        return link_expired(request, language)
    return _to_thanks(attempt, language)


def _to_thanks(attempt: Attempt, language: str) -> HttpResponse:
    return HttpResponseRedirect(petition_url("thanks", language, attempt.petition.slug), status=303)


def _show(
    request: HttpRequest, language: str, attempt: Attempt, form: ConfirmForm, *, status: int = 200, wait: int = 0
) -> HttpResponse:
    body = TextVersionBody.objects.get(version=attempt.text_version_id, language=language)
    context = {
        "title": body.title,
        "name": decrypt(attempt.name_encrypted) if attempt.name_encrypted is not None else None,
        "choice_label": Visibility(attempt.visibility).label,
        "form": form,
        "rate_limited_minutes": minutes(wait),
    }
    return render(request, "signing/confirm.html", context, status=status)
