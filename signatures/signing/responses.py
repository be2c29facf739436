"""Responses shared by several of the signers' pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from signatures.languages import read_by, site_languages
from signatures.links import language_links, petition_url
from signatures.models import Petition
from signatures.safeguarding.senders import sender_mark
from signatures.signing.address_questions import AskingForm
from signatures.signing.forms import CodeForm
from signatures.texts.petition_page import PetitionPage


def too_many(response: HttpResponse, wait: int) -> HttpResponse:
    """Turn a page into a 429 response.

    :param wait: seconds until the visitor may retry
    """
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response.headers["Retry-After"] = str(wait)
    return response


def minutes(seconds: int) -> int:
    """Convert seconds to minutes, rounded up."""
    return -(-seconds // 60)


def address_asked(
    request: HttpRequest, template: str, page: PetitionPage, form: AskingForm, *, wait: int, ask: Callable[..., None]
) -> HttpResponse:
    """Ask for an address, or do what is asked for one; the response is the same whatever is known of it.

    :param wait: seconds until the visitor may send the form, 0 for now
    :param ask: called with ``address`` and ``sender``, the mark of the network that the request came from
    """
    context: dict[str, Any] = {"page": page, "form": form, "sent": False, "rate_limited_minutes": minutes(wait)}
    if wait:
        return too_many(render(request, template, context), wait)
    if not form.is_bound:
        return render(request, template, context)
    if not form.is_valid():
        return render(request, template, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    ask(address=form.cleaned_data["email"], sender=sender_mark(request))
    return render(request, template, context | {"sent": True})


def link_expired(request: HttpRequest, language: str) -> HttpResponse:
    """Return the same bytes for every code that is used, expired, unknown or malformed, whether opened or typed."""
    # The field stays empty whatever was typed.
    urls = {code: reverse("confirm_entry", kwargs={"language": code}) for code in site_languages()}
    context = {**_frame(urls), "form": CodeForm()}
    return render(request, "signing/link_expired.html", context, status=HTTPStatus.NOT_FOUND)


def mail_link_broken(request: HttpRequest, language: str, name: str) -> HttpResponse:
    """Return the same response for every foreign, expired or malformed token; it links to where to get a new one.

    :param name: URL name, ``my_signature``, ``no_mail``, ``no_alerts``, ``confirm_news`` or ``no_news``
    """
    only = Petition.objects.public().only_one()
    context = {
        **_frame({code: reverse(name, kwargs={"language": code, "token": "-"}) for code in site_languages()}),
        "is_against_mails": name in {"no_mail", "no_alerts", "no_news"},
        "is_of_signers": name in {"my_signature", "no_mail"},
        "request_url": petition_url("my_signature_request", read_by([language], only[1]), only[0]) if only else None,
    }
    return render(request, "signing/mail_link_broken.html", context, status=HTTPStatus.NOT_FOUND)


def _frame(urls: dict[str, str]) -> dict[str, Any]:
    """Return the frame's language links, which must not repeat the requested address: the bytes would differ.

    :param urls: the page's paths by language
    """
    return {"language_links": language_links(urls), "canonical_url": "", "onion_url": ""}
