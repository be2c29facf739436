"""Pages for requesting and using a my-signature link, and for stopping further mails."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from signatures.journaling import journals_itself
from signatures.models import Delivery, TextVersion
from signatures.models.choices import Visibility
from signatures.safeguarding.cache_headers import same_for_everybody
from signatures.safeguarding.public_guards import public_form
from signatures.safeguarding.time_padding import JOURNAL_STEP_SECONDS, padded_time
from signatures.signing.forms import AddressForm
from signatures.signing.my_signature import (
    lower_visibility,
    request_my_signature,
    suppress_mails,
    withdraw_signature,
)
from signatures.signing.responses import address_asked, mail_link_broken, minutes, too_many
from signatures.texts.petition_page import published_page
from signatures.texts.shown_version import version_to_show, version_to_show_of
from signatures.tokens import InvalidLinkError, MySignature, read_my_signature_token, read_no_mail_token

WITHDRAW = "WITHDRAW"
LOWER_TO = {Visibility.DELIVERED.value, Visibility.COUNTED.value}


@journals_itself
@public_form
@same_for_everybody
@cache_control(no_store=True)
def my_signature_request(request: HttpRequest, language: str, slug: str, *, wait: int) -> HttpResponse:
    """Ask for the address, or queue a mail to it; the response is the same whether or not it has signed."""
    version = version_to_show(slug, language)
    if version.petition.purged_at is not None:
        return render(
            request, "signing/purged.html", {"page": published_page(version, language)}, status=HTTPStatus.GONE
        )
    form = AddressForm(request.POST if request.method == "POST" else None)
    page = published_page(version, language)
    ask = partial(request_my_signature, petition=version.petition, language=language)
    return address_asked(request, "signing/my_signature_request.html", page, form, wait=wait, ask=ask)


@journals_itself
@public_form
@cache_control(no_store=True)
def my_signature(request: HttpRequest, language: str, token: str, *, wait: int) -> HttpResponse:
    """Offer to lower the visibility or to withdraw, or do it; never reveals whether there is a signature."""
    try:
        with padded_time():
            subject = read_my_signature_token(token)
    except InvalidLinkError:
        response = mail_link_broken(request, language, "my_signature")
        return too_many(response, wait) if wait else response
    done = None
    version = version_to_show_of(subject.petition_id, language)
    if version.petition.purged_at is not None:
        return render(
            request, "signing/purged.html", {"page": published_page(version, language)}, status=HTTPStatus.GONE
        )
    if wait:
        return too_many(_show(request, language, version, done=None, wait=wait), wait)
    if request.method == "POST":
        with padded_time(JOURNAL_STEP_SECONDS):
            done = _act(subject, request.POST.get("action", ""))
        if done is None:
            return _show(request, language, version, done=None, status=HTTPStatus.BAD_REQUEST)
    return _show(request, language, version, done=done)


def _act(subject: MySignature, action: str) -> str | None:
    if action == WITHDRAW:
        withdraw_signature(subject=subject)
        return "withdrawn"
    if action in LOWER_TO:
        lower_visibility(subject=subject, to=Visibility(action))
        return "changed"
    return None


def _show(
    request: HttpRequest, language: str, version: TextVersion, *, done: str | None, status: int = 200, wait: int = 0
) -> HttpResponse:
    page = published_page(version, language)
    context = {
        "title": page.title,
        "page": page,
        "backup_days": settings.BACKUP_DAYS,
        "deliveries": Delivery.objects.hand_overs(version.petition, language),
        "done": done,
        "rate_limited_minutes": minutes(wait),
    }
    return render(request, "signing/my_signature.html", context, status=status)


@journals_itself
@public_form
@cache_control(no_store=True)
def no_mail(request: HttpRequest, language: str, token: str, *, wait: int) -> HttpResponse:
    """Show a button, or add the address to the suppression list."""
    try:
        with padded_time():
            mail_key = read_no_mail_token(token)
    except InvalidLinkError:
        response = mail_link_broken(request, language, "no_mail")
        return too_many(response, wait) if wait else response
    if wait:
        return too_many(_no_mail(request, done=False, wait=wait), wait)
    if request.method == "POST":
        suppress_mails(mail_key=mail_key)
    return _no_mail(request, done=request.method == "POST", wait=0)


def _no_mail(request: HttpRequest, *, done: bool, wait: int) -> HttpResponse:
    return render(request, "signing/no_mail.html", {"done": done, "rate_limited_minutes": minutes(wait)})
