"""Pages for typing a code and for confirming: GET shows, POST acts."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control

from signatures.journaling import journals_itself
from signatures.links import petition_url
from signatures.models import Attempt, TextVersionBody
from signatures.models.choices import Visibility
from signatures.safeguarding.cache_headers import same_for_everybody
from signatures.safeguarding.encryption import decrypt
from signatures.safeguarding.public_guards import public_form
from signatures.safeguarding.time_padding import JOURNAL_STEP_SECONDS, padded_time
from signatures.signing.actions import UnknownCodeError, attempt_of, confirm_attempt, name_waits
from signatures.signing.forms import CodeForm, ConfirmForm
from signatures.signing.responses import link_expired, minutes, too_many
from signatures.tokens import new_press


@journals_itself
@public_form
@same_for_everybody
@cache_control(no_store=True)
def confirm_entry(request: HttpRequest, language: str, *, wait: int) -> HttpResponse:
    """Ask for a code, or redirect to the page of the typed one, whether or not it exists."""
    if request.method != "POST":
        return _entry(request, CodeForm(), 0)
    form = CodeForm(request.POST)
    if wait:
        return _entry(request, CodeForm(initial={"code": request.POST.get("code", "")}), wait)
    if not form.is_valid():
        # A malformed code is rejected here; whether a well-formed one exists is up to its own page.
        return _entry(request, form, 0)
    path = reverse("confirm", kwargs={"language": language, "code": form.cleaned_data["code"]})
    return HttpResponseRedirect(path, status=HTTPStatus.SEE_OTHER)


@journals_itself
@public_form
@cache_control(no_store=True)
def confirm(request: HttpRequest, language: str, code: str, *, wait: int) -> HttpResponse:
    """Show what will be confirmed, or confirm it."""
    if request.method == "POST":
        # The action reduces a visibility above the attempt's to that.
        form = ConfirmForm(request.POST, chosen=Visibility.PUBLIC)
        if not wait and form.is_valid():
            return _confirm(request, language, code, form)
    try:
        with padded_time():
            attempt = attempt_of(code)
    except UnknownCodeError:
        return _unknown(request, language, wait)
    if attempt.confirmed_at is not None:
        return _unknown(request, language, wait)
    data = request.POST if request.method == "POST" else None
    return _show(request, language, attempt, ConfirmForm(data, chosen=attempt.chosen), wait=wait)


def _confirm(request: HttpRequest, language: str, code: str, form: ConfirmForm) -> HttpResponse:
    try:
        with padded_time(JOURNAL_STEP_SECONDS):
            slug = confirm_attempt(
                code=code,
                visibility=Visibility(form.cleaned_data["visibility"]),
                reason=form.cleaned_data["reason"],
                press=form.cleaned_data["press"],
            )
    except UnknownCodeError:
        return link_expired(request, language)
    return HttpResponseRedirect(petition_url("thanks", language, slug), status=HTTPStatus.SEE_OTHER)


def _unknown(request: HttpRequest, language: str, wait: int) -> HttpResponse:
    return _entry(request, CodeForm(), wait) if wait else link_expired(request, language)


def _entry(request: HttpRequest, form: CodeForm, wait: int) -> HttpResponse:
    context = {"form": form, "rate_limited_minutes": minutes(wait)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    response = render(request, "signing/confirm_entry.html", context, status=status)
    return too_many(response, wait) if wait else response


def _show(request: HttpRequest, language: str, attempt: Attempt, form: ConfirmForm, *, wait: int) -> HttpResponse:
    body = TextVersionBody.objects.titled(cast("int", attempt.text_version_id), language)
    form.initial["press"] = new_press()
    name = decrypt(attempt.name_encrypted) if attempt.name_encrypted is not None else None
    context = {
        "title": body.title,
        "title_language": body.language,
        "name": name,
        "name_waits": name is not None and attempt.chosen == Visibility.PUBLIC and name_waits(attempt, name),
        "choice_label": attempt.chosen.label,
        "form": form,
        "rate_limited_minutes": minutes(wait),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and not wait else 200
    response = render(request, "signing/confirm.html", context, status=status)
    return too_many(response, wait) if wait else response
