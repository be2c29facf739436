"""Checks files by their digests, so that no file needs to be uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser
from signatures.delivering.tracing import Origin, Trace, origins_of, traces_of
from signatures.delivering.watermarks import PREFIX, editions_in
from signatures.models import Delivery
from signatures.models.rights import numbers_where
from signatures.safeguarding.typed_digests import PrintedDigest, printed_digests

TYPED_MAX = 20_000


@dataclass(frozen=True)
class CheckedDigest:
    """A digest, the file names pasted with it, and all files that have it."""

    digest: str
    names: list[str]
    origins: list[Origin]

    @property
    def worst_first(self) -> int:
        """Return a sort key: files of no hand-over first, those that were handed over last."""
        return 2 if any(origin.packing.is_handed_over for origin in self.origins) else int(bool(self.origins))


@dataclass(frozen=True)
class CheckedWatermark:
    """An edition from a watermark, and where it comes from."""

    text: str
    traces: list[Trace]


class DigestsForm(forms.Form):
    """A field for the output of a checksum program, and for watermarks.

    editions: editions of the pasted watermarks
    """

    editions: list[str]

    digests = forms.CharField(
        label=_("What the command printed"),
        help_text=_("One file a line. What you paste is compared and not kept."),
        max_length=TYPED_MAX,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 100, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_digests(self) -> list[PrintedDigest]:
        """Return the pasted digests, and remember the editions."""
        found = printed_digests(self.cleaned_data["digests"])
        self.editions = editions_in(self.cleaned_data["digests"])
        if not found and not self.editions:
            raise forms.ValidationError(
                gettext(
                    "There is neither a watermark nor a SHA-256 digest in it. A digest has 64 characters: digits, and "
                    "the letters a to f."
                )
            )
        return found


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def check_files(request: HttpRequest) -> HttpResponse:
    """Show for each digest which files of which hand-overs have it, and for each watermark where it comes from.

    :raises PermissionDenied: if the organiser may not see hand-overs
    """
    petitions = numbers_where(acting_organiser(request, "view_delivery"), "view_delivery")
    form = DigestsForm(request.POST if request.method == "POST" else None)
    sent = request.method == "POST" and form.is_valid()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("Check files"),
        "form": form,
        "checked": _check(form.cleaned_data["digests"], petitions) if sent else [],
        "watermarks": [_trace(edition, petitions) for edition in form.editions] if sent else [],
        "opts": Delivery._meta,
    }
    return render(
        request, "admin/check_files.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else 200
    )


def _check(printed: list[PrintedDigest], petitions: list[int] | None) -> list[CheckedDigest]:
    """Look each distinct digest up, and sort the results with problems first."""
    names: dict[str, list[str]] = {}
    for line in printed:
        known = names.setdefault(line.digest, [])
        if line.name and line.name not in known:
            known.append(line.name)
    checked = [CheckedDigest(digest, pasted, origins_of(digest, petitions)) for digest, pasted in names.items()]
    return sorted(checked, key=lambda one: one.worst_first)


def _trace(edition: str, petitions: list[int] | None) -> CheckedWatermark:
    return CheckedWatermark(f"{PREFIX}{edition}…", traces_of([edition], petitions))
