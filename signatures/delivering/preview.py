"""Previews a hand-over: how many signatures it would contain and what changed since the last; nothing is stored."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.delivering.rows import Snapshot
from signatures.languages import site_languages
from signatures.models import Delivery, Petition, Recipient, Signature
from signatures.models.choices import ListOrder, Profile
from signatures.models.delivery import CUT_OFF_AGE
from signatures.models.may_name import Span


@dataclass(frozen=True)
class Choices:
    """What an organiser chose on the checklist.

    :param only_new: whether to include only what is new since the last hand-over to this recipient
    :param with_petitioner: whether even a recipient of totals gets the lead petitioner's name, nationality and address
    """

    recipient: Recipient
    cut_off: datetime
    only_new: bool = False
    language: str = field(default_factory=lambda: site_languages()[0])
    delimiter: str = ","
    order: str = ListOrder.SIGNED
    with_latin: bool = False
    by_country: bool = True
    with_workbook: bool = True
    with_document: bool = True
    with_petitioner: bool = False

    def names_petitioner(self, recipient: Recipient) -> bool:
        """Return whether the letter to a recipient names the lead petitioner."""
        return self.with_petitioner or recipient.profile == Profile.NAMES


@dataclass(frozen=True)
class Changes:
    """What has changed since a hand-over.

    :param last: the hand-over
    :param new: signatures that became current since then, up to the new cut-off
    :param new_named: how many of the new ones the recipient gets with names
    :param again: names of people who had signed by then and confirmed again since
    :param gone: lower bound of names that were handed over and are no longer on the list (see ``again``)
    :param names_stopped: whether names were handed over then, and the recipient now gets totals only
    """

    last: Delivery
    new: int
    new_named: int
    again: int
    gone: int
    names_stopped: bool


@dataclass(frozen=True)
class Numbers:
    """How many signatures a hand-over contains or would contain."""

    confirmed: int
    named: int
    changes: Changes | None = None

    @property
    def unnamed(self) -> int:
        """Return how many signatures are only counted."""
        return self.confirmed - self.named


def latest_cut_off(now: datetime | None = None) -> datetime:
    """Return the latest whole minute that can be a cut-off.

    :param now: the time by the database's clock, or None to use this machine's
    """
    return ((now or timezone.now()) - CUT_OFF_AGE).astimezone(UTC).replace(second=0, microsecond=0)


def preview_delivery(choices: Choices) -> Numbers:
    """Return how many signatures a hand-over would contain, and what has changed since the last to this recipient.

    :raises ValidationError: as prepare_delivery does
    """
    recipient = choices.recipient
    last = Delivery.objects.last_to(recipient)
    petition = Petition.objects.annotate(now=TransactionNow()).get(pk=recipient.petition_id)
    check_choices(petition, petition.now, choices, last)
    with closing(Snapshot()) as snapshot:
        numbers = _numbers(snapshot, recipient, span_of_choices(choices, last))
        return numbers if last is None else replace(numbers, changes=_changes(snapshot, choices, last))


def numbers_now(delivery: Delivery) -> Numbers:
    """Return how many signatures a hand-over would contain if its files were made now."""
    with closing(Snapshot()) as snapshot:
        return _numbers(snapshot, delivery.recipient, delivery.span)


def _numbers(snapshot: Snapshot, recipient: Recipient, span: Span) -> Numbers:
    counted = Signature.objects.counted_in(recipient.petition_id, span)
    return Numbers(snapshot.count(counted), snapshot.count(Signature.objects.named_for(recipient, span)))


def _changes(snapshot: Snapshot, choices: Choices, last: Delivery) -> Changes:
    recipient = choices.recipient
    new = _numbers(snapshot, recipient, Span(since=last.cut_off, up_to=choices.cut_off))
    names_stopped = last.profile == Profile.NAMES and recipient.profile != Profile.NAMES
    again = gone = 0
    if last.profile == Profile.NAMES and not names_stopped:
        since_then = Signature.objects.named_for(recipient, Span(since=last.cut_off))
        again = snapshot.count(since_then.filter(first_confirmed_at__lte=last.cut_off))
        still_named = snapshot.count(Signature.objects.named_for(recipient, last.span))
        # Somebody who chose to be named only when confirming again was not on the old list, and offsets one who is
        # gone.
        gone = max(0, last.named - still_named - again)
    return Changes(last, new.confirmed, new.named, again, gone, names_stopped)


def span_of_choices(choices: Choices, last: Delivery | None) -> Span:
    """Return the time span of the signatures to hand over.

    :param last: the last hand-over to the recipient
    """
    since = last.cut_off if choices.only_new and last is not None else None
    return Span(since=since, up_to=choices.cut_off)


def check_choices(petition: Petition, now: datetime, choices: Choices, last: Delivery | None) -> None:
    """Check that a hand-over with these choices is possible.

    :raises ValidationError: with the reason if it is not
    """
    if petition.purged_at is not None:
        raise ValidationError(_("The personal data of the signers was erased: there is no list any more."))
    if not petition.text_versions.exists():
        raise ValidationError(_("Publish the text first: nobody can have signed it yet."))
    if choices.cut_off > now - CUT_OFF_AGE:
        said = _(
            "The cut-off must lie at least 10 minutes back, so that every confirmation is in. The latest possible is "
            "now %(latest)s UTC."
        )
        raise ValidationError(said, params={"latest": f"{latest_cut_off(now):%Y-%m-%d %H:%M}"})
    if choices.only_new and last is None:
        raise ValidationError(_("Nothing was handed over to this recipient yet, so that everything is new."))
    if choices.only_new and last is not None and choices.cut_off <= last.cut_off:
        raise ValidationError(_("The cut-off must be later than that of the last hand-over to this recipient."))


@dataclass(frozen=True)
class Preview:
    """The numbers of a list before it is made.

    :param confirmed: all signatures that count
    :param named: how many of them the list would name
    """

    recipient: Recipient
    confirmed: int
    named: int

    @property
    def unnamed(self) -> int:
        """Return how many signatures would only be counted."""
        return self.confirmed - self.named


def preview_exports(petition: Petition) -> list[Preview]:
    """Return for each recipient how many names its list would contain."""
    recipients = list(petition.recipients.all())
    confirmed, named = Signature.objects.numbers_for(petition.pk, recipients)
    return [Preview(recipient, confirmed, named[recipient.pk]) for recipient in recipients]
