"""Logging in and out and a new password: limited, on record, and told to the owner."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import login as log_in
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, override

from signatures.admin.access import acting_organiser, is_let_in
from signatures.admin.session_words import browser_words
from signatures.auditing import record
from signatures.languages import offered
from signatures.models import AuditEntry, Organiser
from signatures.models.choices import AuditAction
from signatures.safeguarding.accounts import change_own_password
from signatures.safeguarding.devices import known_device, name_meant, remember_device
from signatures.safeguarding.login_records import record_half_way, record_logged_in, record_refused
from signatures.safeguarding.rate_limits import (
    count_half_way,
    count_refused,
    seconds_to_log_in,
    seconds_to_type_password,
)
from signatures.safeguarding.sessions import SessionStore
from signatures.safeguarding.time_padding import padded_time
from signatures.safeguarding.user_agents import browser_of

INVALID = "invalid_login"


class DeskLoginView(LoginView):
    """Django's login with limits for the network and the account, and on record."""

    authentication_form = AdminAuthenticationForm
    template_name = "admin/login.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 429 before the password is checked, or check it."""
        # Recording a guess at an account takes longer than finding none of its name.
        with padded_time():
            return self._post(request, *args, **kwargs)

    def _post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = request.POST.get("username", "")
        wait = seconds_to_log_in(request, name, known_device(request, name))
        if not wait:
            return super().post(request, *args, **kwargs)
        record_refused(name=name_meant(name), amount=count_refused(request, name))
        # What was typed as a password is neither checked nor shown again.
        form = self.get_form_class()(request, initial={"username": name})
        return _too_many(request, wait, self.get_context_data(form=form))

    def form_valid(self, form: Any) -> HttpResponseRedirect:
        """Begin a new session; where a second factor is required, its page records the login."""
        self.request.session.flush()
        log_in(self.request, form.get_user())
        response = HttpResponseRedirect(self.get_success_url())
        if is_let_in(self.request):
            record_login(self.request, response)
        else:
            self._record_half_way(form.get_user())
        return response

    def _record_half_way(self, organiser: Organiser) -> None:
        browser = browser_of(self.request.headers.get("user-agent", ""))
        record_half_way(organiser=organiser, browser=browser, amount=count_half_way(self.request, organiser.pk))

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, whether or not there is such an account."""
        if form.has_error(NON_FIELD_ERRORS, INVALID):
            name = form.cleaned_data["username"]
            record_refused(name=name, amount=count_refused(self.request, name))
        return super().form_invalid(form)


class DeskPasswordView(PasswordChangeView):
    """Django's page for one's own password, with a limit on guesses at the old one, and on record."""

    form_class = AdminPasswordChangeForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 429 before the old password is checked, or check it."""
        wait = seconds_to_type_password(request, acting_organiser(request).pk)
        if not wait:
            return super().post(request, *args, **kwargs)
        return _too_many(request, wait, self.get_context_data(form=None, is_old_password=True))

    def form_valid(self, form: Any) -> HttpResponse:
        """Store the password, which ends all other sessions."""
        organiser = acting_organiser(self.request)
        session = self.request.session
        with transaction.atomic():
            if isinstance(session, SessionStore):
                try:
                    session.outlive()
                except UpdateError as error:
                    # A session that has been ended since must not go on under a new key.
                    raise PermissionDenied from error
            changed = change_own_password(account=organiser, password=form.cleaned_data["new_password1"])
            update_session_auth_hash(self.request, changed)
        response = HttpResponseRedirect(self.get_success_url())
        # The cookie from before is worth nothing any more.
        remember_device(response, changed)
        return response


def record_login(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record that somebody is let in, tell the owner of the time before, and let the browser keep that it was here.

    To be called once for each login, when nothing is missing any more: neither password nor second factor.

    :param response: what leads to the first page of the desk
    """
    organiser = acting_organiser(request)
    before = record_logged_in(organiser=organiser, browser=browser_of(request.headers.get("user-agent", "")))
    remember_device(response, organiser)
    if before is not None:
        with override(offered(organiser.language) if organiser.language else None):
            messages.info(request, _told_of(before))


def record_logout(request: HttpRequest) -> None:
    """Record that somebody logs out; to be called before it is done."""
    if request.method == "POST" and isinstance(request.user, Organiser):
        record(actor=request.user, action=AuditAction.LOGGED_OUT, target=request.user.pk)


def _too_many(request: HttpRequest, wait: int, context: dict[str, Any]) -> HttpResponse:
    """Return the page that says how long to wait, status 429."""
    context |= {"title": gettext("Too many attempts"), "minutes": -(-wait // 60)}
    response = render(request, "admin/too_many_logins.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(wait)
    return response


def _told_of(login: AuditEntry) -> str:
    """Return the sentence about an earlier login, with what to do if it was somebody else."""
    said = gettext(
        "Your last login was on {day}, with {browser}. Was that not you?"
        " <a href='{sessions}'>End the other sessions</a> and <a href='{password}'>change your password</a>."
    )
    return format_html(
        said,
        day=date_format(login.at, "DATE_FORMAT"),
        browser=browser_words(login.details.get("browser", ""), login.details.get("system", "")),
        sessions=reverse("admin:sessions"),
        password=reverse("admin:password_change"),
    )
