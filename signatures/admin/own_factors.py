"""The pages on which organisers look after their own second factors and recovery codes."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import django_otp
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe
from django_otp.models import Device

from signatures.admin.access import has_shown_factor, is_let_in
from signatures.admin.half_way import lead_on, page_context, with_fresh_proof, with_password
from signatures.models import Organiser, RecoveryCode, TotpDevice
from signatures.models.second_factor import has_second_factor
from signatures.safeguarding.one_time_codes import STEP_SECONDS
from signatures.safeguarding.second_factors import (
    Kind,
    factors_of,
    kind_of,
    make_recovery_codes,
    remove_factor,
)

MODELS = {Kind.APP.value: "signatures.totpdevice", Kind.PASSKEY.value: "django_otp_webauthn.webauthncredential"}


@with_password
@require_safe
def second_factors(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """List the organiser's own factors."""
    if not is_let_in(request):
        return lead_on(request)
    factors = factors_of(organiser)
    context = page_context(
        request,
        gettext("Second factor"),
        factors=[_facts(device) for device in factors],
        may_remove=len(factors) > 1 or not settings.SECOND_FACTOR_REQUIRED,
        codes_left=RecoveryCode.objects.filter(organiser=organiser, used_at=None).count(),
        codes_used=RecoveryCode.objects.filter(organiser=organiser).exclude(used_at=None).order_by("used_at"),
    )
    return render(request, "admin/second_factor/mine.html", context)


def _facts(device: Device) -> dict[str, Any]:
    """Return what is shown of a factor."""
    if isinstance(device, TotpDevice):
        added, last = device.added_at, datetime.fromtimestamp(device.last_step * STEP_SECONDS, UTC)
    else:
        added, last = device.created_at, device.last_used_at
    kind = kind_of(device)
    name = device.name or (gettext("App") if kind is Kind.APP else gettext("Passkey"))
    remove = reverse("admin:second_factor_remove", args=[kind.value, device.pk])
    return {"name": name, "is_app": kind is Kind.APP, "added": added, "last": last, "remove": remove}


@with_fresh_proof
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, organiser: Organiser, kind: str, pk: int) -> HttpResponse:
    """Ask whether one of the own factors shall go, and remove it."""
    device_id = f"{MODELS.get(kind)}/{pk}"
    found = [device for device in factors_of(organiser) if device.persistent_id == device_id]
    if not found:
        messages.warning(request, gettext("This app or passkey is not there any more."))
        return HttpResponseRedirect(reverse("admin:second_factors"))
    if request.method == "POST":
        _remove(request, organiser, device_id)
        return HttpResponseRedirect(reverse("admin:second_factors"))
    is_last = len(factors_of(organiser)) == 1
    facts = _facts(found[0])
    context = page_context(request, gettext("Remove “%(name)s”") % facts, factor=facts, is_last=is_last)
    return render(request, "admin/second_factor/remove.html", context)


def _remove(request: HttpRequest, organiser: Organiser, device_id: str) -> None:
    try:
        remove_factor(actor=organiser, device_id=device_id)
    except ObjectDoesNotExist:
        messages.warning(request, gettext("This app or passkey is not there any more."))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        left = factors_of(organiser)
        if left:
            # Otherwise whoever came in by the removed one would be led out in the middle.
            django_otp.login(request, left[0])
        messages.success(request, gettext("It is removed, and lets nobody in any more."))


@with_fresh_proof
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Offer new recovery codes, and show them once, in the answer to the button."""
    if not (has_second_factor(organiser) and has_shown_factor(organiser)):
        return lead_on(request)
    codes = make_recovery_codes(actor=organiser) if request.method == "POST" else []
    context = page_context(
        request,
        gettext("Your recovery codes") if codes else gettext("Recovery codes"),
        codes=codes,
        codes_left=RecoveryCode.objects.filter(organiser=organiser, used_at=None).count(),
    )
    return render(request, "admin/second_factor/codes.html", context, status=HTTPStatus.OK)
