"""Pages for what is done to a whole petition: copy it, delete its draft, close it, take it out of the lists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_on
from signatures.languages import name_of
from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.models.rights import has_in_the_site
from signatures.texts.drafts import delete_draft, draft_holdings, duplicate_petition, was_ever_published
from signatures.texts.ending import archive_petition, close_petition, restore_from_archive
from signatures.texts.invisible import visible_text

CLOSING_WORDS = "closing_words"
CLOSING_WORDS_MAX = 1000


class ClosingForm(forms.Form):
    """Asks for the closing words in each language of the petition."""

    def __init__(self, *args: Any, petition: Petition, **kwargs: Any) -> None:
        """Add a field for each language, with the words that were written before."""
        super().__init__(*args, **kwargs)
        for language in petition.ordered_languages:
            label = _("Closing words (%(language)s)") % {"language": name_of(language)}
            self.fields[language] = forms.CharField(
                label=label,
                required=False,
                max_length=CLOSING_WORDS_MAX,
                initial=getattr(petition, f"{CLOSING_WORDS}_{language}") or "",
                widget=forms.Textarea(attrs={"lang": language, "rows": 5}),
            )

    def clean(self) -> dict[str, str]:
        """Return the words by language, without invisible characters."""
        cleaned: dict[str, str] = super().clean() or self.cleaned_data
        return {language: visible_text(words) for language, words in cleaned.items()}


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for closing words, or close the petition with them.

    :raises PermissionDenied: if the organiser may not decide on the petition's course
    """
    organiser, petition = acting_on(request, "publish_petition", pk)
    form = ClosingForm(request.POST if request.method == "POST" else None, petition=petition)
    if request.method == "POST" and form.is_valid():
        try:
            close_petition(petition=petition, words=form.cleaned_data, actor=organiser)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("It is closed. Its pages stay, and show your words."))
            return HttpResponseRedirect(_change_page(pk))
    context = {"title": _("Close the petition"), "form": form, "is_open": petition.status == PetitionStatus.OPEN}
    return _page(request, "admin/close_petition.html", petition, context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what archiving does, and do or undo it.

    :raises PermissionDenied: if the organiser may not decide on the petition's course
    """
    organiser, petition = acting_on(request, "publish_petition", pk)
    if request.method == "POST":
        is_undone = "undo" in request.POST
        try:
            (restore_from_archive if is_undone else archive_petition)(petition=petition, actor=organiser)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            said = _("It is listed again.") if is_undone else _("It is archived: no list leads to it any more.")
            messages.success(request, said)
            return HttpResponseRedirect(_change_page(pk))
    context = {"title": _("Archive the petition"), "is_closed": petition.status == PetitionStatus.CLOSED}
    return _page(request, "admin/archive_petition.html", petition, context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is copied, or begin a draft as a copy.

    :raises PermissionDenied: if the organiser may not begin petitions
    """
    organiser, petition = acting_on(request, "view_petition", pk)
    if not has_in_the_site(organiser, "add_petition"):
        raise PermissionDenied
    if request.method == "POST":
        copy = duplicate_petition(petition=petition, actor=organiser)
        messages.success(request, _("This is the copy: a draft of its own, which nobody sees yet."))
        return HttpResponseRedirect(_change_page(copy.pk))
    return _page(request, "admin/duplicate_petition.html", petition, {"title": _("Duplicate the petition")})


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would be gone, or delete a draft that was never public.

    :raises PermissionDenied: if the organiser may not decide on the petition's course
    """
    organiser, petition = acting_on(request, "publish_petition", pk)
    if request.method == "POST":
        name = str(petition)
        try:
            delete_draft(petition=petition, actor=organiser)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        except Petition.DoesNotExist as error:
            raise Http404 from error
        else:
            messages.success(request, format_html(_("The draft “{row}” is deleted."), row=name))
            return HttpResponseRedirect(reverse("admin:signatures_petition_changelist"))
    context = {
        "title": _("Delete the draft"),
        "held": draft_holdings(petition),
        "was_published": was_ever_published(petition),
    }
    return _page(request, "admin/delete_draft.html", petition, context)


def _change_page(pk: int) -> str:
    return reverse("admin:signatures_petition_change", args=[pk])


def _page(request: HttpRequest, template: str, petition: Petition, context: dict[str, Any]) -> HttpResponse:
    form = context.get("form")
    status = 422 if form is not None and form.errors else 200
    shared = {**admin.site.each_context(request), "petition": petition, "opts": Petition._meta}
    return render(request, template, {**shared, **context}, status=status)
