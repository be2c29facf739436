"""Pages of the whole audit log: its export, and the check of its chain."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from signatures.admin.access import acting_organiser
from signatures.admin.going_on import reason_to_stop
from signatures.admin.log_subjects import PERMISSION
from signatures.auditing.checking import check_log
from signatures.auditing.exporting import start_log_export
from signatures.auditing.words import late_sentence, sentence_of
from signatures.models import AuditEntry, Organiser
from signatures.models.rights import has_in_the_site

LINES = "application/x-ndjson; charset=utf-8"


class CheckForm(forms.Form):
    """Asks for a digest that is known from elsewhere."""

    head = forms.RegexField(
        r"^\s*[0-9a-fA-F]{64}\s*$",
        label=_("A digest that you have from before"),
        help_text=_(
            "Of the last line of an earlier export, or from a manifest under “audit_log”. It shows whether entries were"
            " taken off the end since. The digests in the manifests that this site keeps are looked for anyway."
        ),
        error_messages={"invalid": _("A digest has 64 characters: digits, and the letters a to f.")},
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "size": 64}),
    )


def reader_of_all(request: HttpRequest) -> Organiser:
    """Return the organiser, who may read the log of the whole site.

    :raises PermissionDenied: if they may read that of some petitions at most
    """
    organiser = acting_organiser(request, PERMISSION)
    if not has_in_the_site(organiser, PERMISSION):
        raise PermissionDenied
    return organiser


@require_POST
@cache_control(no_store=True)
def export_log(request: HttpRequest) -> HttpResponseBase:
    """Stream the whole log as lines of JSON.

    :raises PermissionDenied: if the organiser may not read all of it
    """
    actor = reader_of_all(request)
    number, lines = start_log_export(actor=actor, stop=reason_to_stop(request, PERMISSION, None))
    response = StreamingHttpResponse(lines, content_type=LINES)
    response.headers["Content-Disposition"] = f'attachment; filename="audit-log-{number}.jsonl"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def check(request: HttpRequest) -> HttpResponse:
    """Check the chain of the log when the button is pressed, and say what was found.

    :raises PermissionDenied: if the organiser may not read all of it
    """
    reader_of_all(request)
    form = CheckForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("Check the log"),
        "form": form,
        "opts": AuditEntry._meta,
    }
    if request.method == "POST" and form.is_valid():
        head = form.cleaned_data["head"].strip().lower()
        findings = check_log(heads=[head] if head else [])
        context |= {
            "findings": findings,
            "problems": [sentence_of(problem) for problem in findings.problems],
            "late": [late_sentence(number) for number in findings.late],
        }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/check_log.html", context, status=status)
