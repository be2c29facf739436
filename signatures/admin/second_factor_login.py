"""The pages after the password: the second factor, or the password once more where there is none."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods
from django_otp.models import Device

from signatures.admin.half_way import let_in, next_of, note_proof, page_context, with_next, with_password
from signatures.admin.second_factor_forms import CodeForm, PasswordForm, RecoveryForm
from signatures.models import Organiser
from signatures.models.second_factor import has_second_factor
from signatures.safeguarding.rate_limits import FACTOR, seconds_to_show_factor, seconds_to_wait
from signatures.safeguarding.second_factors import (
    Kind,
    factors_of,
    kind_of,
    record_refused,
    take_code,
    take_recovery_code,
)


@with_password
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Ask for the second factor, and let in whoever shows it."""
    if not has_second_factor(organiser):
        path = next_of(request)
        if settings.SECOND_FACTOR_REQUIRED:
            path = with_next(reverse("admin:second_factor_set_up"), path)
        return HttpResponseRedirect(path)
    is_code = "code" in request.POST
    is_recovery = "recovery_code" in request.POST
    code_form = CodeForm(request.POST if is_code else None, label_suffix="")
    recovery_form = RecoveryForm(request.POST if is_recovery else None, label_suffix="")
    if code_form.is_valid() or recovery_form.is_valid():
        refused = refuse_guessing(request, organiser)
        if refused is not None:
            return refused
        device = None
        if is_code and code_form.is_valid():
            device = _take_code(organiser, code_form)
        if is_recovery and recovery_form.is_valid():
            device = _take_recovery_code(request, organiser, recovery_form)
        if device is not None:
            return let_in(request, device, HttpResponseRedirect(next_of(request)))
    kinds = {kind_of(device) for device in factors_of(organiser)}
    context = page_context(
        request,
        gettext("Second step: show that it is you"),
        code_form=code_form if Kind.APP in kinds else None,
        recovery_form=recovery_form,
        has_passkey=Kind.PASSKEY in kinds,
        site_origin=settings.SITE_ORIGIN,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "admin/second_factor/ask.html", context, status=status)


def _take_code(organiser: Organiser, form: CodeForm) -> Device | None:
    device = take_code(organiser=organiser, typed=form.cleaned_data["code"])
    if device is None:
        form.add_error(
            "code",
            gettext("This is not the code that the app shows now, or it was used already. Wait for the next one."),
        )
    return device


def _take_recovery_code(request: HttpRequest, organiser: Organiser, form: RecoveryForm) -> Device | None:
    left = take_recovery_code(organiser=organiser, typed=form.cleaned_data["recovery_code"])
    if left is None:
        form.add_error(
            "recovery_code",
            gettext("This is none of your recovery codes, or it was used already. Each works once; try another."),
        )
        return None
    told = ngettext(
        "You came in with a recovery code. You have %(n)s left.",
        "You came in with a recovery code. You have %(n)s left.",
        left,
    ) % {"n": left}
    link = reverse("admin:second_factors")
    messages.warning(request, format_html('{} <a href="{}">{}</a>', told, link, gettext("Look after it here")))
    # A session belongs to one of the account's factors; the code stands for it.
    return factors_of(organiser)[0]


def refuse_guessing(request: HttpRequest, organiser: Organiser) -> HttpResponse | None:
    """Count a guess, and return a page with status 429 if there were too many, else None."""
    wait = seconds_to_wait(request, FACTOR) or seconds_to_show_factor(
        request, organiser.pk, organiser.get_session_auth_hash()
    )
    if not wait:
        return None
    context = page_context(request, gettext("Too many attempts"), minutes=-(-wait // 60))
    response = render(request, "admin/second_factor/too_many.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(wait)
    return response


@with_password
@require_http_methods(["GET", "HEAD", "POST"])
def password_again(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Ask an account without a factor for its password once more."""
    if has_second_factor(organiser):
        return HttpResponseRedirect(with_next(reverse("admin:second_factor"), next_of(request)))
    form = PasswordForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        refused = refuse_guessing(request, organiser)
        if refused is not None:
            return refused
        if organiser.check_password(form.cleaned_data["password"]):
            note_proof(request)
            return HttpResponseRedirect(next_of(request))
        record_refused(organiser=organiser, kind=Kind.PASSWORD)
        form.add_error("password", gettext("This is not your password."))
    context = page_context(request, gettext("Your password once more"), form=form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/second_factor/password.html", context, status=status)
