"""Answers that several of the signers' pages give."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from signatures.links import petition_url
from signatures.models import Petition
from signatures.signing.forms import CodeForm

TOO_MANY = 429
NOT_FOUND = 404


def too_many(response: HttpResponse, wait: int) -> HttpResponse:
    """Turn a page into a 429.

    :param wait: seconds until the visitor may try again
    """
    response.status_code = TOO_MANY
    response.headers["Retry-After"] = str(wait)
    return response


def minutes(seconds: int) -> int:
    """Return seconds as minutes, rounded up."""
    return -(-seconds // 60)


def link_expired(request: HttpRequest, language: str) -> HttpResponse:
    """Return the one answer to a code that is used, expired, unknown or malformed, opened or typed: the same bytes."""
    # The field is empty whatever was typed.
    context = {**_frame(reverse("confirm_entry", kwargs={"language": _other(language)})), "form": CodeForm()}
    return render(request, "signing/link_expired.html", context, status=NOT_FOUND)


def mail_link_broken(request: HttpRequest, language: str, name: str) -> HttpResponse:
    """Return the one answer to a token that is foreign, too old or malformed, which says where a new one is asked for.

    :param name: of the address, ``my_signature`` or ``no_mail``
    """
    slug = Petition.objects.public().only_slug()
    context = {
        **_frame(reverse(name, kwargs={"language": _other(language), "token": "-"})),
        "is_no_mail": name == "no_mail",
        "request_url": petition_url("my_signature_request", language, slug) if slug is not None else None,
    }
    return render(request, "signing/mail_link_broken.html", context, status=NOT_FOUND)


def _other(language: str) -> str:
    return "ru" if language == "en" else "en"


def _frame(other_language_url: str) -> dict[str, str]:
    """Return addresses for the page's frame that do not repeat the one asked for: the bytes would differ."""
    return {"other_language_url": other_language_url, "canonical_url": "", "onion_url": ""}
