"""The page on which an organiser sets up an app or a passkey."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from signatures.admin.half_way import let_in, next_of, page_context, with_fresh_proof, with_next
from signatures.admin.second_factor_forms import AppForm
from signatures.models import Organiser, RecoveryCode, TotpDevice
from signatures.models.second_factor import has_second_factor
from signatures.safeguarding.encryption import decrypt, encrypt
from signatures.safeguarding.one_time_codes import in_groups, link_for_app, new_secret, qr_png
from signatures.safeguarding.second_factors import add_app, removed_by_somebody_else

# The secret that the page shows, encrypted, until an app has shown that it knows it.
SHOWN_SECRET = "second_factor_secret"  # noqa: S105 - a name


@with_fresh_proof
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Show in three steps how to set up an app, and add it."""
    form = AppForm(request.POST if request.method == "POST" else None, label_suffix="")
    secret = _shown_secret(request)
    if request.method == "POST" and form.is_valid():
        device = _add(organiser, form, secret)
        if device is not None:
            del request.session[SHOWN_SECRET]
            messages.success(
                request, gettext("The app is added. From now on you are asked for its code when you log in.")
            )
            return let_in(request, device, HttpResponseRedirect(after_adding(organiser, next_of(request))))
    is_first = not has_second_factor(organiser)
    context = page_context(
        request,
        gettext("Set up the second step of logging in") if is_first else gettext("Add an app or a passkey"),
        form=form,
        is_first=is_first,
        is_required=settings.SECOND_FACTOR_REQUIRED,
        secret=in_groups(secret),
        removed=removed_by_somebody_else(organiser) if is_first else None,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/second_factor/set_up.html", context, status=status)


def _add(organiser: Organiser, form: AppForm, secret: str) -> TotpDevice | None:
    name, typed = form.cleaned_data["name"], form.cleaned_data["code"]
    try:
        return add_app(actor=organiser, name=name, secret=secret, typed=typed)
    except ValidationError as error:
        form.add_error("code", error)
    return None


def after_adding(organiser: Organiser, path: str) -> str:
    """Return the page that follows on adding a factor: the recovery codes if there are none yet."""
    if RecoveryCode.objects.filter(organiser=organiser, used_at=None).exists():
        return reverse("admin:second_factors")
    return with_next(reverse("admin:recovery_codes"), path)


@with_fresh_proof
@require_safe
def qr(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Return the picture of the secret that the page shows.

    :raises Http404: if it shows none
    """
    if SHOWN_SECRET not in request.session:
        raise Http404
    site = settings.SITE_NAME or urlsplit(settings.SITE_ORIGIN).netloc
    link = link_for_app(_shown_secret(request), organiser.get_username(), site)
    return HttpResponse(qr_png(link), content_type="image/png")


def _shown_secret(request: HttpRequest) -> str:
    """Return the secret that this session is shown; the same however often the page is opened."""
    kept = request.session.get(SHOWN_SECRET)
    if kept is not None:
        try:
            return decrypt(kept.encode())
        except InvalidToken:
            pass
    secret = new_secret()
    request.session[SHOWN_SECRET] = encrypt(secret).decode()
    return secret
