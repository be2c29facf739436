"""News of a campaign: storing it, and the public page with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from functools import partial

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.cache import cache_control

from signatures import auditing
from signatures.languages import language_with, text_in
from signatures.models import Organiser, Petition, Update
from signatures.models.choices import AuditAction
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.html_printer import render_markdown
from signatures.texts.petition_page import published_page
from signatures.texts.shown_version import version_to_show


@dataclass(frozen=True)
class UpdateEntry:
    """A news item in one language: that of the page, or else the first that it is available in."""

    number: int
    published_on: date
    language: str
    title: str
    body_html: SafeString


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def updates(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show the news of a campaign, newest first."""
    version = version_to_show(slug, language)
    context = {"page": published_page(version, language), "entries": update_entries(version.petition, language)}
    return render(request, "publishing/updates.html", context)


def update_entries(petition: Petition, language: str) -> list[UpdateEntry]:
    """Return the published news of a campaign, newest first."""
    return [
        UpdateEntry(
            number=update.pk,
            published_on=update.published_at.astimezone(UTC).date(),
            language=language_with(update, "title", language),
            title=text_in(update, "title", language),
            body_html=render_markdown(text_in(update, "body", language)),
        )
        for update in Update.objects.filter(petition=petition).published()
        if update.published_at is not None
    ]


def save_update(*, update: Update, is_published: bool, changed: list[str], actor: Organiser) -> None:
    """Store a news item, and publish or unpublish it as requested.

    :param update: the item with its new values
    :param is_published: whether anyone may read it from now on
    :param changed: names of the fields that differ from the stored ones
    """
    with transaction.atomic():
        was_published = update.published_at is not None
        if is_published != was_published:
            update.published_at = TransactionNow() if is_published else None
        update.save()
        record = partial(auditing.record, actor=actor, petition=update.petition, target=update.pk)
        if changed:
            record(action=AuditAction.UPDATE_CHANGED, details={"fields": changed})
        if is_published != was_published:
            record(action=AuditAction.UPDATE_PUBLISHED if is_published else AuditAction.UPDATE_TAKEN_BACK)
