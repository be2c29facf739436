"""The pages on which an account is added, closed and opened again, and on which a link for its password is made."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser
from signatures.admin.account_forms import NewAccountForm, ReasonForm
from signatures.admin.half_way import is_proof_fresh, lead_on
from signatures.links import absolute
from signatures.models import Organiser
from signatures.models.access_link import LIFETIMES, LinkKind
from signatures.safeguarding.access_links import make_reset_link
from signatures.safeguarding.accounts import close_account, invite, open_account

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@cache_control(no_store=True)
def new_account(request: HttpRequest) -> HttpResponse:
    """Ask for a new account, or add it and show the link for its password.

    :raises PermissionDenied: if the organiser may not add accounts
    """
    actor = acting_organiser(request, "add_organiser")
    if not is_proof_fresh(request, actor):
        return lead_on(request, actor)
    form = NewAccountForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        shown = invited(request, form, form.cleaned_data["petition"], actor)
        if shown is not None:
            return shown
    return _ask(request, "account_new", gettext("New account"), form)


def invited(request: HttpRequest, form: forms.Form, petition: Any, actor: Organiser) -> HttpResponse | None:
    """Add the account that a form asks for and show its link, or say in the form why not and return None."""
    data = form.cleaned_data
    role = None if data.get("is_superuser") else data["role"]
    try:
        account, token = invite(
            username=data["username"], language=data["language"], role=role, petition=petition, actor=actor
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None
    return show_link(request, account, token, LinkKind.INVITATION, petition)


def show_link(
    request: HttpRequest, account: Organiser, token: str, kind: LinkKind, petition: Any = None
) -> HttpResponse:
    """Show a link, which nobody can see again: it is part of the answer, and stored nowhere."""
    context = {
        **admin.site.each_context(request),
        "title": gettext("Pass this link on"),
        "account": account,
        "link": absolute(reverse("admin:set_password", args=[token])),
        "days": LIFETIMES[kind].days,
        "is_invitation": kind == LinkKind.INVITATION,
        "petition": petition,
        "opts": Organiser._meta,
    }
    response = render(request, "admin/link_made.html", context)
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


@require_http_methods(FORM_METHODS)
@cache_control(no_store=True)
def make_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why a link for a new password is needed, or make and show it.

    :raises PermissionDenied: if the organiser may not change the account, or it is their own
    """
    if acting_organiser(request, "change_organiser").pk == pk:
        raise PermissionDenied

    def act(actor: Organiser, account: Organiser, reason: str) -> HttpResponse:
        token = make_reset_link(account=account, reason=reason, actor=actor)
        return show_link(request, account, token, LinkKind.RESET)

    return _with_reason(request, pk, "account_link", gettext("A link for a new password"), act)


@require_http_methods(FORM_METHODS)
@cache_control(no_store=True)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what closing an account ends and ask why, or close it.

    :raises PermissionDenied: if the organiser may not change the account
    """

    def act(actor: Organiser, account: Organiser, reason: str) -> HttpResponse:
        close_account(account=account, reason=reason, actor=actor)
        messages.success(request, format_html(gettext("The account “{}” is closed."), account))
        return HttpResponseRedirect(_page_of(account))

    return _with_reason(request, pk, "account_close", gettext("Close the account"), act)


@require_http_methods(FORM_METHODS)
@cache_control(no_store=True)
def open_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what opening a closed account brings back and ask why, or open it and show the link for its password.

    :raises PermissionDenied: if the organiser may not change the account
    """

    def act(actor: Organiser, account: Organiser, reason: str) -> HttpResponse:
        token = open_account(account=account, reason=reason, actor=actor)
        return show_link(request, account, token, LinkKind.RESET)

    return _with_reason(request, pk, "account_open", gettext("Open the account again"), act)


def _with_reason(
    request: HttpRequest,
    pk: int,
    template: str,
    title: str,
    act: Callable[[Organiser, Organiser, str], HttpResponse],
) -> HttpResponse:
    actor = acting_organiser(request, "change_organiser")
    account = get_object_or_404(Organiser, pk=pk)
    if not actor.may_change(account):
        raise PermissionDenied
    # Asked before the form is shown, too, so that what is typed into it is seldom lost.
    if not is_proof_fresh(request, actor):
        return lead_on(request, actor)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return act(actor, account, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
    return _ask(request, template, title, form, account)


def _ask(
    request: HttpRequest, template: str, title: str, form: forms.Form, account: Organiser | None = None
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": title,
        "form": form,
        "account": account,
        "opts": Organiser._meta,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, f"admin/{template}.html", context, status=status)


def _page_of(account: Organiser) -> str:
    return reverse("admin:signatures_organiser_change", args=[account.pk])
