"""Answers that several of the signers' pages give."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

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
    other = "ru" if language == "en" else "en"
    context = {
        "other_language_url": reverse("confirm_entry", kwargs={"language": other}),
        "canonical_url": "",
        # Empty whatever was typed: one answer for all.
        "form": CodeForm(),
    }
    return render(request, "signing/link_expired.html", context, status=NOT_FOUND)
