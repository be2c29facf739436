"""The page on which the link in an alert ends the alerts, without a login: GET shows a button, POST acts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from signatures.mailing.alert_wishes import end_alerts_by_link
from signatures.safeguarding.public_guards import public_form
from signatures.safeguarding.time_padding import padded_time
from signatures.signing.responses import mail_link_broken, minutes, too_many
from signatures.tokens import InvalidLinkError, read_no_alerts_token


@public_form
@cache_control(no_store=True)
def no_alerts(request: HttpRequest, language: str, token: str, *, wait: int) -> HttpResponse:
    """Show a button, or end the alerts; the answer is the same where they have ended already."""
    try:
        with padded_time():
            mark = read_no_alerts_token(token)
    except InvalidLinkError:
        response = mail_link_broken(request, language, "no_alerts")
        return too_many(response, wait) if wait else response
    if wait:
        return too_many(_show(request, done=False, wait=wait), wait)
    if request.method == "POST":
        with padded_time():
            end_alerts_by_link(mark=mark)
    return _show(request, done=request.method == "POST", wait=0)


def _show(request: HttpRequest, *, done: bool, wait: int) -> HttpResponse:
    return render(request, "mailing/no_alerts.html", {"done": done, "rate_limited_minutes": minutes(wait)})
