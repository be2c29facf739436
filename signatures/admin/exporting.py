"""Exports the list of names for one recipient."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import Rights, acting_on
from signatures.admin.asking import ask_instead
from signatures.admin.going_on import reason_to_stop
from signatures.admin.hand_over_forms import ListForm
from signatures.approving.gate import NeedsApprovalError
from signatures.breaking_off import Question
from signatures.delivering.columns import Layout
from signatures.delivering.downloads import NotGivenNamesError, start_export
from signatures.delivering.preview import Preview, preview_exports
from signatures.models import Organiser, Petition, Recipient
from signatures.models.choices import Profile


class ExportForm(ListForm):
    """Asks for a list for the organisers' own work; only those who are given names have one."""

    def clean_recipient(self) -> Recipient:
        """Return the recipient; reject one that may not get names."""
        recipient: Recipient = self.cleaned_data["recipient"]
        if recipient.profile != Profile.NAMES:
            raise forms.ValidationError(_("This recipient is given totals only: there is no list of names for it."))
        if not recipient.in_versions.exists():
            raise forms.ValidationError(_("No signer has been shown this recipient yet: publish the text first."))
        return recipient


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show how many names each list would contain, or stream one.

    :raises PermissionDenied: if the organiser may not export
    """
    organiser, petition = acting_on(request, "export_signatures", pk, Petition.objects.with_text_languages())
    form = ExportForm(request.POST if request.method == "POST" else None, petition=petition)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        layout = Layout(data["language"], data["delimiter"])
        stop = reason_to_stop(request, "export_signatures", petition.pk)
        try:
            return stream_export(data["recipient"], layout, data["reason"], organiser, stop)
        except NeedsApprovalError as error:
            return ask_instead(request, error, organiser)
    return _show(request, petition, form, organiser)


def stream_export(
    recipient: Recipient, layout: Layout, reason: str, actor: Organiser, stop: Question
) -> HttpResponseBase:
    """Return the list of a recipient as a file that is made while it is sent.

    :raises PermissionDenied: if the recipient gets no names
    :raises NeedsApprovalError: if a second person must agree first
    """
    try:
        chunks = start_export(recipient=recipient, layout=layout, reason=reason, actor=actor, stop=stop)
    except NotGivenNamesError as error:
        raise PermissionDenied from error
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    name = f"signatures-{recipient.petition.slug}-{recipient.pk}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _show(request: HttpRequest, petition: Petition, form: ExportForm, organiser: Organiser) -> HttpResponse:
    previews: list[Preview] = preview_exports(petition)
    context = {
        **admin.site.each_context(request),
        "title": _("Export the list of names"),
        "petition": petition,
        "previews": previews,
        "form": form,
        "rights": Rights(organiser, petition.pk),
        "opts": Petition._meta,
    }
    return render(
        request, "admin/export.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    )
