"""What waits for an organiser in each petition, as lines with a link; whatever else can wait adds a source here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Max
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from signatures.models import Delivery, Organiser, Petition
from signatures.moderating.purging import WARNED_BEFORE
from signatures.moderating.waiting import WAITING_MAX, waiting_in
from signatures.moderating.waves import waiting_waves

# A recipient that has been silent for so long is worth a call.
REPLY_OVERDUE_AFTER = timedelta(days=30)
OVERDUE_DAYS = REPLY_OVERDUE_AFTER.days


@dataclass(frozen=True)
class ToDo:
    """Something that waits.

    :param text: a sentence
    :param url: where it is done, or "" if this organiser may not do it
    :param link: the words of that link
    """

    text: str
    url: str = ""
    link: str = ""


Lines = Iterator[tuple[int, ToDo]]


def decisions(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield what moderators decide on: signatures that are held, names and reasons that nobody has looked at."""
    if not organiser.has_perm("signatures.moderate_signatures"):
        return
    for pk, waits in waiting_in([petition.pk for petition in petitions]).items():
        if waits.held:
            sentence = ngettext(
                "%(n)s signature is held and waits for a decision.",
                "%(n)s signatures are held and wait for a decision.",
                waits.held,
            )
            more = gettext("%(n)s signatures or more are held and wait for a decision.")
            url = _signatures(pk, "state__exact=HELD")
            yield pk, ToDo(_counted(waits.held, sentence, more), url, gettext("Decide on them"))
        if waits.names:
            sentence = ngettext(
                "%(n)s name waits to be looked at before everyone sees it.",
                "%(n)s names wait to be looked at before everyone sees them.",
                waits.names,
            )
            more = gettext("%(n)s names or more wait to be looked at before everyone sees them.")
            url = reverse("admin:petition_names", args=[pk])
            yield pk, ToDo(_counted(waits.names, sentence, more), url, gettext("Look at the names"))
        if waits.reasons:
            sentence = ngettext(
                "%(n)s reason for signing waits to be read.",
                "%(n)s reasons for signing wait to be read.",
                waits.reasons,
            )
            more = gettext("%(n)s reasons for signing or more wait to be read.")
            url = reverse("admin:petition_reasons", args=[pk])
            yield pk, ToDo(_counted(waits.reasons, sentence, more), url, gettext("Read the reasons"))


def waves(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield the waves that nobody has looked at: they come first, since they may go on."""
    if organiser.has_perm("signatures.moderate_signatures"):
        for pk, sentence in waiting_waves(petitions).items():
            yield pk, ToDo(sentence, reverse("admin:petition_waves", args=[pk]), gettext("Look at what stands out"))


def overdue_replies(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield the hand-overs that no recipient has answered for long."""
    if not organiser.has_perm("signatures.hand_over_list"):
        return
    rows = Delivery.objects.all().without_reply_for(REPLY_OVERDUE_AFTER).filter(petition__in=petitions)
    for pk, amount, newest in rows.values_list("petition").annotate(Count("pk"), Max("pk")).order_by():
        sentence = ngettext(
            "%(n)s hand-over was made more than %(days)s days ago and has had no reply.",
            "%(n)s hand-overs were made more than %(days)s days ago and have had no reply.",
            amount,
        )
        url = reverse("admin:signatures_delivery_change", args=[newest])
        if amount > 1:
            url = f"{reverse('admin:signatures_delivery_changelist')}?state__exact=HANDED_OVER&petition__id__exact={pk}"
        yield (
            pk,
            ToDo(sentence % {"n": intcomma(amount), "days": OVERDUE_DAYS}, url, gettext("Ask, or enter the reply")),
        )


def coming_erasures(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield the days on which signers' data will be erased, soon."""
    may_erase = organiser.has_perm("signatures.purge_petition")
    last_day = (datetime.now(UTC) + WARNED_BEFORE).date()
    for petition in petitions:
        if petition.erase_on is not None and petition.purged_at is None and petition.erase_on <= last_day:
            sentence = gettext("On %(day)s (UTC) everything stored of its signers will be erased.")
            url = reverse("admin:petition_purge", args=[petition.pk]) if may_erase else ""
            yield (
                petition.pk,
                ToDo(sentence % {"day": date_format(petition.erase_on)}, url, gettext("See what is erased")),
            )


# In the order in which the lines stand.
SOURCES: tuple[Callable[[Organiser, Sequence[Petition]], Lines], ...] = (
    waves,
    decisions,
    overdue_replies,
    coming_erasures,
)


def to_do(organiser: Organiser, petitions: Sequence[Petition]) -> dict[int, list[ToDo]]:
    """Return what waits in each petition for this organiser, in as many statements for one petition as for fifty."""
    lines: dict[int, list[ToDo]] = defaultdict(list)
    for source in SOURCES:
        for pk, line in source(organiser, petitions):
            lines[pk].append(line)
    return lines


def _counted(amount: int, sentence: str, more: str) -> str:
    return (sentence if amount < WAITING_MAX else more) % {"n": intcomma(amount)}


def _signatures(petition: int, query: str) -> str:
    return f"{reverse('admin:signatures_signature_changelist')}?petition__id__exact={petition}&{query}"
