"""What waits for an organiser in each petition, as lines with a link; whatever else can wait adds a source here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Max, Min, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from signatures.approving.second_person import ties
from signatures.models import Approval, Delivery, Organiser, Petition, Typing, Update
from signatures.models.bundle import FIRST, SECOND
from signatures.models.choices import ApprovalKind
from signatures.models.rights import may
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
    moderated = _where(organiser, "moderate_signatures", petitions)
    for pk, waits in waiting_in([petition.pk for petition in moderated]).items():
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
    for pk, sentence in waiting_waves(_where(organiser, "moderate_signatures", petitions)).items():
        yield pk, ToDo(sentence, reverse("admin:petition_waves", args=[pk]), gettext("Look at what stands out"))


def overdue_replies(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield the hand-overs that no recipient has answered for long."""
    theirs = _where(organiser, "hand_over_list", petitions)
    rows = Delivery.objects.all().without_reply_for(REPLY_OVERDUE_AFTER).filter(petition__in=theirs)
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


def scheduled_news(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield the news that will appear by itself."""
    seen = [petition for petition in petitions if may(organiser, "view_update", petition.pk)]
    rows = Update.objects.filter(petition__in=seen).scheduled()
    for pk, amount, first in rows.values_list("petition").annotate(Count("pk"), Min("published_at")).order_by():
        sentence = ngettext(
            "%(n)s update is scheduled and appears on %(time)s by UTC.",
            "%(n)s updates are scheduled, and the next one appears on %(time)s by UTC.",
            amount,
        )
        time = date_format(first.astimezone(UTC), "DATETIME_FORMAT")
        url = f"{reverse('admin:signatures_update_changelist')}?petition__id__exact={pk}"
        yield pk, ToDo(sentence % {"n": intcomma(amount), "time": time}, url, gettext("See the updates"))


def coming_erasures(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield the days on which signers' data will be erased, soon."""
    last_day = (datetime.now(UTC) + WARNED_BEFORE).date()
    for petition in petitions:
        if petition.erase_on is not None and petition.purged_at is None and petition.erase_on <= last_day:
            sentence = gettext("On %(day)s (UTC) everything stored of its signers will be erased.")
            may_erase = may(organiser, "purge_petition", petition.pk)
            url = reverse("admin:petition_purge", args=[petition.pk]) if may_erase else ""
            yield (
                petition.pk,
                ToDo(sentence % {"day": date_format(petition.erase_on)}, url, gettext("See what is erased")),
            )


def second_person(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield what somebody else wants to do and this organiser can agree to, and what they can carry out themselves."""
    there = list(Approval.objects.open().filter(petition__in=petitions).order_by("pk"))
    others = [one for one in there if one.asked_by_id != organiser.pk and one.decided_by_id is None]
    tied = ties(organiser) if others else {}
    for one in others:
        if one.asked_by_id not in tied and may(organiser, ApprovalKind(one.kind).permission, one.petition_id):
            sentence = gettext("Somebody waits for a second person: %(act)s.")
            yield one.petition_id, _asked(one, sentence, gettext("Read it, agree or refuse"))
    for one in there:
        if one.asked_by_id == organiser.pk and one.agreed:
            sentence = gettext("A second person has agreed, for 24 hours: %(act)s.")
            yield one.petition_id, _asked(one, sentence, gettext("Carry it out"))


def typed_sheets(organiser: Organiser, petitions: Sequence[Petition]) -> Lines:
    """Yield the sheets that one person has typed, or two differently, so that nothing of them is entered yet."""
    theirs = _where(organiser, "enter_signatures", petitions)
    rows = Typing.objects.filter(sheet__petition__in=theirs).values_list("sheet__petition").order_by()
    once, twice = Count("pk", filter=Q(place=FIRST)), Count("pk", filter=Q(place=SECOND))
    for pk, typed, differing in rows.annotate(once=once, twice=twice):
        url, link = reverse("admin:petition_paper", args=[pk]), gettext("Open the sheets")
        if differing:
            sentence = ngettext(
                "%(n)s sheet was read differently by two people: settle it.",
                "%(n)s sheets were read differently by two people: settle them.",
                differing,
            )
            yield pk, ToDo(sentence % {"n": intcomma(differing)}, url, link)
        if typed > differing:
            sentence = ngettext(
                "%(n)s sheet is typed and waits for a second person.",
                "%(n)s sheets are typed and wait for a second person.",
                typed - differing,
            )
            yield pk, ToDo(sentence % {"n": intcomma(typed - differing)}, url, link)


def _asked(approval: Approval, sentence: str, link: str) -> ToDo:
    url = reverse("admin:approval", args=[approval.pk])
    return ToDo(sentence % {"act": approval.get_kind_display()}, url, link)


# In the order in which the lines stand.
SOURCES: tuple[Callable[[Organiser, Sequence[Petition]], Lines], ...] = (
    waves,
    second_person,
    decisions,
    typed_sheets,
    overdue_replies,
    scheduled_news,
    coming_erasures,
)


def to_do(organiser: Organiser, petitions: Sequence[Petition]) -> dict[int, list[ToDo]]:
    """Return what waits in each petition for this organiser, in as many statements for one petition as for fifty."""
    lines: dict[int, list[ToDo]] = defaultdict(list)
    for source in SOURCES:
        for pk, line in source(organiser, petitions):
            lines[pk].append(line)
    return lines


def _where(organiser: Organiser, permission: str, petitions: Sequence[Petition]) -> list[Petition]:
    return [petition for petition in petitions if may(organiser, permission, petition.pk)]


def _counted(amount: int, sentence: str, more: str) -> str:
    return (sentence if amount < WAITING_MAX else more) % {"n": intcomma(amount)}


def _signatures(petition: int, query: str) -> str:
    return f"{reverse('admin:signatures_signature_changelist')}?petition__id__exact={petition}&{query}"
