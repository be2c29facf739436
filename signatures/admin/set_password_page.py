"""The page on which a link, valid once, sets the password of an account, without a login: GET shows it, POST acts."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from signatures.languages import offered
from signatures.safeguarding.access_links import LinkOverError, owner_of_link, use_link
from signatures.safeguarding.devices import remember_device
from signatures.safeguarding.rate_limits import LOGIN, seconds_to_wait


@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True, private=True)
def set_password(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a password, or set it; one answer to every link that cannot be used, whatever the reason."""
    response = _refused(request) if request.method == "POST" else None
    if response is not None:
        return response
    try:
        return _answer(request, token)
    except LinkOverError:
        return _show(request, "link_over", gettext("This link is not valid any more"), HTTPStatus.NOT_FOUND)


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    account = owner_of_link(token)
    language = offered(account.language) if account.language else get_language() or ""
    with translation.override(language):
        form = SetPasswordForm(account, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            owner = use_link(token=token, password=form.cleaned_data["new_password1"])
            messages.success(request, gettext("Your password is set. Log in with it now."))
            answer = HttpResponseRedirect(reverse("admin:login"))
            # Whoever guesses at the name meanwhile must not shut the owner out.
            remember_device(answer, owner)
            return answer
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        response = _show(request, "set_password", gettext("Choose your password"), status, form=form, account=account)
    response.headers["Content-Language"] = language
    return response


def _refused(request: HttpRequest) -> HttpResponse | None:
    wait = seconds_to_wait(request, LOGIN)
    if not wait:
        return None
    minutes = -(-wait // 60)
    response = _show(
        request, "too_many_logins", gettext("Too many attempts"), HTTPStatus.TOO_MANY_REQUESTS, minutes=minutes
    )
    response.headers["Retry-After"] = str(wait)
    return response


def _show(request: HttpRequest, template: str, title: str, status: HTTPStatus, **context: object) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": title, **context}
    return render(request, f"admin/{template}.html", whole, status=status)
