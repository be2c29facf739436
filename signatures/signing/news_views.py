"""Pages for asking for a petition's news by mail, for confirming that, and for leaving."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from signatures.journaling import journals_itself
from signatures.mailing.news_wishes import NotOfferedError, ask_for_news, leave_news
from signatures.mailing.news_wishes import confirm_news as confirm_wish
from signatures.safeguarding.cache_headers import same_for_everybody
from signatures.safeguarding.public_guards import public_form
from signatures.safeguarding.time_padding import JOURNAL_STEP_SECONDS, padded_time
from signatures.signing.forms import NewsForm
from signatures.signing.responses import address_asked, mail_link_broken, minutes, too_many
from signatures.texts.petition_page import PetitionPage, published_page
from signatures.texts.shown_version import version_to_show, version_to_show_of
from signatures.tokens import InvalidLinkError, read_news_token, read_no_news_token


@journals_itself
@public_form
@same_for_everybody
@cache_control(no_store=True)
def news_by_mail(request: HttpRequest, language: str, slug: str, *, wait: int) -> HttpResponse:
    """Ask for the address, or queue a mail to it; the response is the same whether or not it gets the news already.

    :raises Http404: if the petition does not mail its news
    """
    version = version_to_show(slug, language)
    page = published_page(version, language)
    if not page.mails_news:
        raise Http404
    form = NewsForm(request.POST if request.method == "POST" else None)
    ask = partial(ask_for_news, petition=version.petition, language=language)
    return address_asked(request, "signing/news_by_mail.html", page, form, wait=wait, ask=ask)


@journals_itself
@public_form
@cache_control(no_store=True)
def confirm_news(request: HttpRequest, language: str, token: str, *, wait: int) -> HttpResponse:
    """Show a button, or send the news from now on; the response is the same for an address that gets them already."""
    try:
        with padded_time():
            wish = read_news_token(token)
    except InvalidLinkError:
        response = mail_link_broken(request, language, "confirm_news")
        return too_many(response, wait) if wait else response
    page = published_page(version_to_show_of(wish.petition_id, language), language)
    if not page.mails_news:
        return _confirm(request, page, is_over=True)
    if wait:
        return too_many(_confirm(request, page, wait=wait), wait)
    if request.method != "POST":
        return _confirm(request, page)
    try:
        with padded_time():
            confirm_wish(wish=wish)
    except NotOfferedError:
        return _confirm(request, page, is_over=True)
    return _confirm(request, page, done=True)


def _confirm(
    request: HttpRequest, page: PetitionPage, *, done: bool = False, is_over: bool = False, wait: int = 0
) -> HttpResponse:
    context = {"page": page, "done": done, "is_over": is_over, "rate_limited_minutes": minutes(wait)}
    status = HTTPStatus.GONE if is_over else HTTPStatus.OK
    return render(request, "signing/confirm_news.html", context, status=status)


@journals_itself
@public_form
@cache_control(no_store=True)
def no_news(request: HttpRequest, language: str, token: str, *, wait: int) -> HttpResponse:
    """Show a button, or send no more news; mail programs press it without opening the page (RFC 8058)."""
    try:
        with padded_time():
            mark = read_no_news_token(token)
    except InvalidLinkError:
        response = mail_link_broken(request, language, "no_news")
        return too_many(response, wait) if wait else response
    if wait:
        return too_many(_no_news(request, done=False, wait=wait), wait)
    if request.method == "POST":
        with padded_time(JOURNAL_STEP_SECONDS):
            leave_news(mark=mark)
    return _no_news(request, done=request.method == "POST", wait=0)


def _no_news(request: HttpRequest, *, done: bool, wait: int) -> HttpResponse:
    context = {"done": done, "backup_days": settings.BACKUP_DAYS, "rate_limited_minutes": minutes(wait)}
    return render(request, "signing/no_news.html", context)
