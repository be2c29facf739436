"""News of a campaign: storing it, and the public page with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from signatures import auditing
from signatures.languages import language_with, text_in
from signatures.mailing.news_mailing import plan_mailing
from signatures.models import Organiser, Petition, Update
from signatures.models.choices import AuditAction
from signatures.models.update import SCHEDULE_MAX, NewsState
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.html_printer import render_markdown
from signatures.texts.petition_page import published_page
from signatures.texts.shown_version import version_to_show

PARTS = ("title", "body")
# What is decided on the page for publishing.
DECIDED = ("published_at", "is_scheduled")
# How times stand in the audit log.
TIME_FORMAT = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class UpdateEntry:
    """A news item in one language: that of the page, or else the first that it is available in.

    :param mark: by which feeds know it; random, since row numbers would count the drafts, too
    :param anchor: its place on the page; made of what readers see, likewise
    """

    mark: UUID
    anchor: str
    published_on: date
    language: str
    title: str
    body_html: SafeString


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def updates(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show the news of a campaign, newest first.

    For how long it may be cached never depends on what is scheduled, which would announce it: it is short enough for
    everything to appear within seconds.
    """
    version = version_to_show(slug, language)
    context = {"page": published_page(version, language), "entries": update_entries(version.petition, language)}
    return render(request, "publishing/updates.html", context)


def update_entries(petition: Petition, language: str) -> list[UpdateEntry]:
    """Return the published news of a campaign, newest first."""
    found = Update.objects.filter(petition=petition).published()
    return entries_of([(update, update.published_at) for update in found if update.published_at is not None], language)


def entries_of(updates: list[tuple[Update, datetime]], language: str) -> list[UpdateEntry]:
    """Return news items as readers see them.

    :param updates: with the time that each is of, newest first
    """
    entries: list[UpdateEntry] = []
    of_day: dict[date, int] = {}
    for update, at in reversed(updates):
        day = at.astimezone(UTC).date()
        of_day[day] = of_day.get(day, 0) + 1
        entries.append(
            UpdateEntry(
                mark=update.mark,
                anchor=f"update-{day:%Y-%m-%d}" + (f"-{of_day[day]}" if of_day[day] > 1 else ""),
                published_on=day,
                language=language_with(update, "title", language),
                title=text_in(update, "title", language),
                body_html=render_markdown(text_in(update, "body", language)),
            )
        )
    return entries[::-1]


def empty_parts(update: Update) -> list[str]:
    """Return the names of the fields that must be filled in before readers may see a news item."""
    names = [f"{part}_{language}" for language in update.petition.ordered_languages for part in PARTS]
    return [name for name in names if not (getattr(update, name) or "").strip()]


def save_update(*, update: Update, changed: list[str], actor: Organiser) -> None:
    """Store the texts of a news item; whether readers see it stays as it is.

    :param update: the item with its new values
    :param changed: names of the fields that differ from the stored ones
    """
    with transaction.atomic():
        # Somebody else may have published an existing one since it was read.
        texts = [field.name for field in Update._meta.concrete_fields if field.name not in {"id", *DECIDED}]
        update.save(update_fields=None if update._state.adding else texts)
        if changed:
            _record(update, actor, AuditAction.UPDATE_CHANGED, fields=changed)


def publish_update(*, update: Update, actor: Organiser) -> None:
    """Show a news item to readers from now on.

    :raises ValidationError: if a language of the petition is empty, or readers see it already
    """
    with transaction.atomic():
        stored = _locked(update)
        _check_complete(stored)
        _check_unseen(stored)
        Update.objects.filter(pk=stored.pk).update(published_at=TransactionNow(), is_scheduled=False)
        plan_mailing(stored)
        _record(stored, actor, AuditAction.UPDATE_PUBLISHED)


def schedule_update(*, update: Update, at: datetime, actor: Organiser) -> None:
    """Let a news item appear by itself at a time, in place of any time chosen before.

    :raises ValidationError: if a language of the petition is empty, readers see it already, or the time is past or
        more than a year ahead
    """
    with transaction.atomic():
        stored = _locked(update)
        _check_complete(stored)
        _check_unseen(stored)
        if not stored.now < at <= stored.now + SCHEDULE_MAX:  # type: ignore[attr-defined]
            raise ValidationError(_("Choose a time that is still to come, within a year."))
        Update.objects.filter(pk=stored.pk).update(published_at=at, is_scheduled=True)
        plan_mailing(stored)
        _record(stored, actor, AuditAction.UPDATE_PUBLISHED, publish_at=_told(at))


def take_update_back(*, update: Update, actor: Organiser) -> bool:
    """Make a news item a draft again, and return whether readers could see it until now.

    :raises ValidationError: if it is a draft already
    """
    with transaction.atomic():
        stored = _locked(update)
        if stored.published_at is None:
            raise ValidationError(_("This update is a draft already."))
        Update.objects.filter(pk=stored.pk).update(published_at=None, is_scheduled=False)
        was_seen = stored.state == NewsState.PUBLISHED
        details = {} if was_seen else {"publish_at": _told(stored.published_at)}
        _record(stored, actor, AuditAction.UPDATE_TAKEN_BACK, **details)
    return was_seen


def _locked(update: Update) -> Update:
    """Return the row as it is now, with its state and the time by the database's clock, locked."""
    rows = Update.objects.filter(pk=update.pk).with_state().annotate(now=Now())
    found: Update = rows.select_related("petition").select_for_update(of=("self",)).get()
    return found


def _check_complete(update: Update) -> None:
    if empty_parts(update):
        raise ValidationError(_("Fill in every language of the petition first: all of them say the same."))


def _check_unseen(update: Update) -> None:
    if update.state == NewsState.PUBLISHED:
        raise ValidationError(_("Readers see this update already."))


def _told(at: datetime) -> str:
    return at.astimezone(UTC).strftime(TIME_FORMAT)


def _record(update: Update, actor: Organiser, action: AuditAction, **details: object) -> None:
    auditing.record(actor=actor, action=action, petition=update.petition, target=update.pk, details=details)
