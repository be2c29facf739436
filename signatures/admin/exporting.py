"""Exports the list of names for one recipient."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser
from signatures.admin.hand_over_forms import ListForm
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
    organiser = acting_organiser(request, "export_signatures")
    petition = get_object_or_404(Petition.objects.with_text_languages(), pk=pk)
    form = ExportForm(request.POST if request.method == "POST" else None, petition=petition)
    if request.method == "POST" and form.is_valid():
        return _stream(form.cleaned_data, organiser)
    return _show(request, petition, form)


def _stream(data: dict[str, Any], actor: Organiser) -> HttpResponseBase:
    recipient: Recipient = data["recipient"]
    layout = Layout(data["language"], data["delimiter"])
    try:
        chunks = start_export(recipient=recipient, layout=layout, reason=data["reason"], actor=actor)
    except NotGivenNamesError as error:
        raise PermissionDenied from error
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    name = f"signatures-{recipient.petition.slug}-{recipient.pk}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _show(request: HttpRequest, petition: Petition, form: ExportForm) -> HttpResponse:
    previews: list[Preview] = preview_exports(petition)
    context = {
        **admin.site.each_context(request),
        "title": _("Export the list of names"),
        "petition": petition,
        "previews": previews,
        "form": form,
        "opts": Petition._meta,
    }
    return render(
        request, "admin/export.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    )
