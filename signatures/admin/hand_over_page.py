"""The page of one hand-over: downloads, and recording what became of it."""

from __future__ import annotations

from collections.abc import Generator
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures import tokens
from signatures.admin.access import acting_organiser, require_right
from signatures.admin.asking import ask_instead
from signatures.admin.going_on import reason_to_stop
from signatures.admin.hand_over_forms import AnsweredForm, HandedOverForm, PackageForm
from signatures.admin.log_subjects import Kind, log_link
from signatures.approving.gate import NeedsApprovalError
from signatures.delivering.actions import discard_delivery, is_discardable, record_answer, record_hand_over
from signatures.delivering.artifacts import content_type_of, file_names
from signatures.delivering.columns import header, layout_of
from signatures.delivering.downloads import MadeOnceError, PurgedError, UnknownFileError, start_file, start_package
from signatures.delivering.preview import numbers_now
from signatures.models import Delivery, Organiser
from signatures.models.choices import DeliveryState, Profile
from signatures.models.delivery import HandOverWay

ZIP = "application/zip"


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def delivery(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a hand-over, stream its files, or record what became of it.

    :raises PermissionDenied: if the organiser may not see hand-overs, or may not carry out the action
    """
    organiser = acting_organiser(request)
    found: Delivery = get_object_or_404(
        Delivery.objects.with_text_languages().select_related("recipient", "prepared_by"), pk=pk
    )
    require_right(organiser, "view_delivery", found.petition_id)
    if request.method != "POST":
        return _show(request, found)
    require_right(organiser, "hand_over_list", found.petition_id)
    try:
        return _act(request, found, organiser)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    except NeedsApprovalError as error:
        return ask_instead(request, error, organiser)
    except MadeOnceError:
        messages.error(request, _("This list was for the organisers’ own work and is made once."))
    except PurgedError:
        messages.error(request, _("The personal data of the signers was erased: there is no list any more."))
    return _show(request, found, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _act(request: HttpRequest, found: Delivery, organiser: Organiser) -> HttpResponseBase:
    action = request.POST.get("action", "")
    stop = reason_to_stop(request, "hand_over_list", found.petition_id)
    if action == "package":
        package = PackageForm(request.POST)
        if not package.is_valid():
            return _show(request, found, package=package, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        chunks = start_package(delivery=found, actor=organiser, password=package.cleaned_data["password"], stop=stop)
        return stream(chunks, f"{found.petition.slug}-{found.pk}.zip", ZIP)
    if action == "file":
        name = request.POST.get("name", "")
        try:
            chunks = start_file(delivery=found, name=name, actor=organiser, stop=stop)
            return stream(chunks, name, content_type_of(name))
        except UnknownFileError as error:
            raise Http404 from error
    if action == "handed_over":
        return _record(request, found, organiser)
    if action == "discard":
        return _discard(request, found, organiser)
    if action == "answered":
        return _answer(request, found, organiser)
    raise PermissionDenied


def stream(chunks: Generator[bytes], name: str, content_type: str) -> HttpResponseBase:
    """Return a file that is made while it is sent."""
    response = StreamingHttpResponse(chunks, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _record(request: HttpRequest, found: Delivery, organiser: Organiser) -> HttpResponse:
    form = HandedOverForm(request.POST, delivery=found)
    if not form.is_valid():
        return _show(request, found, handed_over=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    record_hand_over(
        delivery=found,
        packing=data.get("packing"),
        day=data["handed_over_on"],
        way=HandOverWay(data["handed_over_how"]),
        note=data["note"],
        actor=organiser,
    )
    messages.success(request, _("Recorded. The public page lists this hand-over within seconds."))
    return HttpResponseRedirect(request.path)


def _discard(request: HttpRequest, found: Delivery, organiser: Organiser) -> HttpResponse:
    discard_delivery(delivery=found, actor=organiser)
    messages.success(request, _("The hand-over is discarded. Nothing of it had left the site."))
    return HttpResponseRedirect(reverse("admin:petition_hand_over", args=[found.petition_id]))


def _answer(request: HttpRequest, found: Delivery, organiser: Organiser) -> HttpResponse:
    form = AnsweredForm(request.POST, delivery=found)
    if not form.is_valid():
        return _show(request, found, answered=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    record_answer(delivery=found, day=form.cleaned_data["answered_on"], replies=form.replies(), actor=organiser)
    messages.success(request, _("The reply is published."))
    return HttpResponseRedirect(request.path)


def _show(
    request: HttpRequest, found: Delivery, *, status: int = HTTPStatus.OK, **forms_in_hand: forms.Form
) -> HttpResponse:
    purged = found.petition.purged_at is not None
    packing = found.latest_packing
    now = None if purged or found.is_own_work else numbers_now(found)
    made = packing or found
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Hand-over"),
        "delivery": found,
        "petition": found.petition,
        "columns": header(layout_of(found)) if found.profile == Profile.NAMES else [],
        "file_names": file_names(found, proof_only=purged or found.is_own_work),
        "packing": packing,
        "packings": found.packings.order_by("-id"),
        "made": made,
        "now": now,
        "has_changed": now is not None and (now.confirmed, now.named) != (made.confirmed, made.named),
        "names_stopped": found.profile == Profile.NAMES and found.recipient.profile != Profile.NAMES,
        "purged": purged,
        "is_prepared": found.state == DeliveryState.PREPARED,
        "is_discardable": is_discardable(found),
        "may_hand_over": request.user.has_perm("signatures.hand_over_list", found),
        "suggestion": tokens.new_code(),
        "package": PackageForm(),
        "handed_over": HandedOverForm(delivery=found),
        "answered": AnsweredForm(delivery=found),
        "log_url": log_link(request, Kind.DELIVERY, found.pk, found.petition_id),
        "opts": Delivery._meta,
        **forms_in_hand,
    }
    return render(request, "admin/delivery.html", context, status=status)
