"""The petition page with its form, and the pages around confirmation that are the same for every visitor."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from signatures.journaling import journals_itself
from signatures.links import petition_url
from signatures.mailing.frames import subject_of
from signatures.mailing.rendering import naming_of
from signatures.models import TextVersion
from signatures.models.choices import MailKind, Visibility
from signatures.safeguarding.cache_headers import reading_query, same_for_everybody
from signatures.safeguarding.public_guards import public_form, reading_only
from signatures.safeguarding.senders import sender_mark
from signatures.safeguarding.verdicts import suspicion_of
from signatures.signing.actions import NotTakenError, sign_petition
from signatures.signing.forms import HONEYPOT, CodeForm, NewsForm, SignForm
from signatures.signing.how_it_goes import how_it_goes
from signatures.signing.responses import minutes, too_many
from signatures.signing.trial_mail import has_ticket, link_of, with_ticket
from signatures.texts.petition_page import published_page
from signatures.texts.shown_version import recent_version, version_to_show


@journals_itself
@public_form
def petition(request: HttpRequest, language: str, slug: str, *, wait: int) -> HttpResponse:
    """Show the petition, or process its sign form."""
    if request.method == "POST":
        return _sign(request, language, slug, wait)
    return _show(request, language, slug)


@cache_control(public=True, max_age=2, s_maxage=5)
def _show(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    version = version_to_show(slug, language)
    page = published_page(version, language)
    form = SignForm(asks_city=page.asks_city, initial={"version": page.version})
    form.show_on(page)
    context = {"page": page, "form": form, "going": how_it_goes(version, language, is_open=page.is_open)}
    return render(request, "signing/petition.html", context)


@cache_control(no_store=True)
def _sign(request: HttpRequest, language: str, slug: str, wait: int) -> HttpResponse:
    version = recent_version(slug, language)
    if wait:
        return too_many(_again(request, language, version, _untouched(request, version), wait=wait), wait)
    form = SignForm(request.POST, asks_city=version.asks_city)
    sender = sender_mark(request)
    code = _store(version, language, form, sender)
    if code is None:
        asked_city, version = version.asks_city, version_to_show(slug, language)
        if version.asks_city != asked_city:
            form = SignForm(request.POST, asks_city=version.asks_city)
        code = _store(version, language, form, sender)
        if code is None:
            return _refuse(request, language, version, form)
    return HttpResponseRedirect(
        with_ticket(request, petition_url("sent", language, slug), code), status=HTTPStatus.SEE_OTHER
    )


def _store(version: TextVersion, language: str, form: SignForm, sender: str) -> str | None:
    """Store the attempt and return its code, or None if signatures for this text are no longer taken.

    The database decides, since the petition may have changed since the check.
    """
    if not version.open_now or not form.is_valid() or form.cleaned_data["version"] != version.number:
        return None
    data = form.cleaned_data
    try:
        return sign_petition(
            version=version,
            language=language,
            visibility=Visibility(data["visibility"]),
            name=data["name"],
            address=data["email"],
            country=data["country"],
            city=data.get("city"),
            suspicion=suspicion_of(honeypot=data[HONEYPOT]),
            sender=sender,
        )
    except NotTakenError:
        return None


def _refuse(request: HttpRequest, language: str, version: TextVersion, form: SignForm) -> HttpResponse:
    if not version.open_now:
        return _again(request, language, version, _untouched(request, version), status=HTTPStatus.GONE)
    return _again(request, language, version, form, text_changed=form.is_valid())


def _untouched(request: HttpRequest, version: TextVersion) -> SignForm:
    """Return the form with its input, without validating it or showing errors."""
    return SignForm(request.POST, asks_city=version.asks_city, is_checked=False)


def _again(
    request: HttpRequest,
    language: str,
    version: TextVersion,
    form: SignForm,
    *,
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
    wait: int = 0,
    text_changed: bool = False,
) -> HttpResponse:
    page = published_page(version, language)
    form.show_on(page)
    context: dict[str, Any] = {
        "page": page,
        "form": form,
        "going": how_it_goes(version, language, is_open=page.is_open),
        "text_changed": text_changed,
        "rate_limited_minutes": minutes(wait),
    }
    return render(request, "signing/petition.html", context, status=status)


@reading_query(has_ticket)
@reading_only
@same_for_everybody
@cache_control(no_store=True)
def sent(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show that one step is left; the same page for everybody."""
    version = version_to_show(slug, language)
    context = {
        "page": published_page(version, language),
        "sender": settings.MAIL_SENDER,
        "subject": subject_of(MailKind.CONFIRM, naming_of(version, language)),
        "form": CodeForm(),
        "tryout_link": link_of(request, language),
    }
    return render(request, "signing/sent.html", context)


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def thanks(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show what happened to the data; the same page for everybody."""
    version = version_to_show(slug, language)
    return render(request, "signing/thanks.html", {"page": published_page(version, language), "form": NewsForm()})
