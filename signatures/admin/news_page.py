"""The pages on which a news item is looked at as readers will see it, and published now or at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from signatures.admin.access import acting_on, acting_organiser
from signatures.languages import name_of
from signatures.links import language_links
from signatures.models import NewsSubscriber, Organiser, Update
from signatures.models.choices import PetitionStatus
from signatures.models.rights import may
from signatures.models.update import NewsState
from signatures.publishing.news import (
    empty_parts,
    entries_of,
    publish_update,
    schedule_update,
    take_update_back,
)
from signatures.texts.html_printer import render_markdown
from signatures.texts.petition_page import draft_page, published_page

MINUTES = "%Y-%m-%dT%H:%M"


class ScheduleForm(forms.Form):
    """Asks when a news item shall appear."""

    at = forms.DateTimeField(
        label=_("Appears at (UTC)"),
        input_formats=[MINUTES],
        widget=forms.DateTimeInput(format=MINUTES, attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what time it is, since organisers who think in local time would be hours off."""
        super().__init__(*args, **kwargs)
        now = date_format(timezone.now().astimezone(UTC), "DATETIME_FORMAT")
        self.fields["at"].help_text = gettext("By UTC it is %(time)s now.") % {"time": now}


@dataclass(frozen=True)
class WrittenNews:
    """A news item in one language."""

    language: str
    name: str
    title: str
    html: SafeString


@require_safe
def preview(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Show the page of updates as readers will see it with a news item on it, without publishing anything.

    :raises PermissionDenied: if the organiser may not see news of this petition
    """
    _organiser, update = _found(request, "view_update", pk)
    petition = update.petition
    if language not in petition.languages:
        raise Http404
    version = petition.text_versions.all().newest_first().first()
    others = Update.objects.filter(petition=petition).exclude(pk=pk).published()
    shown = [(one, one.published_at) for one in others if one.published_at is not None]
    shown.append((update, update.published_at or datetime.now(UTC)))
    shown.sort(key=lambda one: one[1], reverse=True)
    with translation.override(language):
        page = published_page(version, language) if version is not None else draft_page(petition, language)
        context = {
            "page": page,
            "entries": entries_of(shown, language),
            "preview": _banner(update),
            "LANGUAGE_CODE": language,
            "language_links": language_links(
                {code: reverse("admin:update_preview", args=[pk, code]) for code in petition.ordered_languages}
            ),
        }
        return render(request, "publishing/updates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a news item in every language, or publish, schedule or take it back.

    :raises PermissionDenied: if the organiser may not change news of this petition
    """
    organiser, update = _found(request, "change_update" if request.method == "POST" else "view_update", pk)
    action = request.POST.get("action", "")
    initial = {"at": update.published_at} if update.state == NewsState.SCHEDULED else None
    form = ScheduleForm(request.POST if action == "at" else None, initial=initial)
    if request.method == "POST":
        try:
            done = _act(action, update, organiser, form)
        except ValidationError as error:
            _organiser, update = _found(request, "change_update", pk)
            if form.is_bound and update.state != NewsState.PUBLISHED:
                form.add_error("at", error)
            else:
                for message in error.messages:
                    messages.error(request, message)
        else:
            if done:
                messages.success(request, done)
                return HttpResponseRedirect(reverse("admin:signatures_update_changelist"))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Look at the update and publish it"),
        "update": update,
        "petition": update.petition,
        "written": [_written(update, language) for language in update.petition.ordered_languages],
        "is_incomplete": bool(empty_parts(update)),
        "is_public": update.petition.text_versions.exists() and update.petition.status != PetitionStatus.DRAFT,
        "subscribers": _subscribers(update),
        "may_change": may(organiser, "change_update", update.petition_id),
        "form": form,
        "opts": Update._meta,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/news.html", context, status=status)


def _act(action: str, update: Update, organiser: Organiser, form: ScheduleForm) -> str:
    """Do what a button asks for, and return what was done, or "" if nothing was."""
    if action == "now":
        publish_update(update=update, actor=organiser)
        return gettext("The update is published.")
    if action == "back":
        if take_update_back(update=update, actor=organiser):
            return gettext("The update is taken back: readers no longer see it.")
        return gettext("The update is called off: it will not appear.")
    if action == "at" and form.is_valid():
        schedule_update(update=update, at=form.cleaned_data["at"], actor=organiser)
        time = date_format(form.cleaned_data["at"], "DATETIME_FORMAT")
        return gettext("The update will appear on %(time)s UTC.") % {"time": time}
    return ""


def _found(request: HttpRequest, permission: str, pk: int) -> tuple[Organiser, Update]:
    acting_organiser(request, permission)
    update = get_object_or_404(Update.objects.all().with_state().select_related("petition"), pk=pk)
    organiser, _petition = acting_on(request, permission, update.petition_id)
    return organiser, update


def _written(update: Update, language: str) -> WrittenNews:
    title, body = (getattr(update, f"{part}_{language}") or "" for part in ("title", "body"))
    return WrittenNews(language, name_of(language), title, render_markdown(body))


def _subscribers(update: Update) -> int | None:
    """Return how many get the news of its petition by mail, or None where they are not mailed."""
    if not update.petition.news_by_mail:
        return None
    return NewsSubscriber.objects.filter(petition=update.petition_id).count()


def _banner(update: Update) -> str:
    if update.state == NewsState.PUBLISHED:
        return gettext("Preview: published")
    return gettext("Preview: not published")
