"""What organisers do with a hand-over: prepare it, record that it reached its recipient, enter the reply."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.delivering.files import span_of
from signatures.delivering.package import make_manifest
from signatures.delivering.query import Span, numbers_for
from signatures.delivering.snapshot import Snapshot
from signatures.models import Delivery, Organiser, Petition, Recipient
from signatures.models.choices import AuditAction, DeliveryState, HandOverWay, ListOrder, Profile
from signatures.models.delivery import CUT_OFF_AGE


@dataclass(frozen=True)
class Choices:
    """What an organiser chose on the checklist.

    :param only_new: only what is new since the last hand-over to this recipient
    """

    recipient: Recipient
    cut_off: datetime
    only_new: bool = False
    language: str = "en"
    delimiter: str = ","
    order: str = ListOrder.SIGNED
    with_latin: bool = False
    by_country: bool = True
    with_workbook: bool = True
    with_document: bool = True


@dataclass(frozen=True)
class Changes:
    """What has changed since a hand-over.

    :param last: the hand-over
    :param new: signatures that became what they are since then, up to the new cut-off
    :param new_named: those of them that the recipient is given with names
    :param gone: names that were handed over and would not be again
    """

    last: Delivery
    new: int
    new_named: int
    gone: int


@dataclass(frozen=True)
class Numbers:
    """What a hand-over would hold, said before it is made."""

    confirmed: int
    named: int
    changes: Changes | None

    @property
    def unnamed(self) -> int:
        """Return how many are numbers only."""
        return self.confirmed - self.named


def latest_cut_off() -> datetime:
    """Return the latest whole minute that can be a cut-off."""
    return (timezone.now() - CUT_OFF_AGE).astimezone(UTC).replace(second=0, microsecond=0)


def preview_delivery(choices: Choices) -> Numbers:
    """Return what a hand-over would hold, and what has changed since the last one to this recipient.

    :raises ValidationError: as prepare_delivery does
    """
    recipient = choices.recipient
    last = Delivery.objects.last_to(recipient)
    petition = Petition.objects.annotate(now=TransactionNow()).get(pk=recipient.petition_id)
    _check(petition, petition.now, choices, last)
    with closing(Snapshot()) as snapshot:
        confirmed, named = snapshot.row(numbers_for(recipient, _span(choices, last)))
        if last is None:
            return Numbers(confirmed, named, None)
        new, new_named = snapshot.row(numbers_for(recipient, Span(since=last.cut_off, up_to=choices.cut_off)))
        _still, still_named = snapshot.row(numbers_for(recipient, span_of(last)))
    return Numbers(confirmed, named, Changes(last, new, new_named, last.named - still_named))


def names_gone(delivery: Delivery) -> int:
    """Return how many names a hand-over held when it was made that it would not hold any more.

    Their signers withdrew, lowered the visibility or confirmed again, or an organiser took them off the list.
    """
    with closing(Snapshot()) as snapshot:
        _confirmed, named = snapshot.row(numbers_for(delivery.recipient, span_of(delivery)))
    return delivery.named - int(named)


def prepare_delivery(*, choices: Choices, reason: str, actor: Organiser | None) -> Delivery:
    """Keep what a hand-over is of; its files are made when they are asked for.

    :raises ValidationError: if the cut-off is too late, nothing was handed over before though only what is new is
        wanted, or the personal data was erased
    """
    with transaction.atomic():
        petitions = Petition.objects.select_for_update(no_key=True).annotate(now=TransactionNow())
        petition = petitions.get(pk=choices.recipient.petition_id)
        recipient = Recipient.objects.get(pk=choices.recipient.pk)
        last = Delivery.objects.last_to(recipient)
        _check(petition, petition.now, choices, last)
        span = _span(choices, last)
        with connection.cursor() as cursor:
            cursor.execute(numbers_for(recipient, span))
            confirmed, named = cursor.fetchone()
        delivery = Delivery.objects.create(
            petition=petition,
            recipient=recipient,
            profile=recipient.profile,
            cut_off=choices.cut_off,
            since=span.since,
            language=choices.language,
            delimiter=choices.delimiter,
            order=choices.order,
            with_latin=choices.with_latin,
            with_city=petition.asks_city,
            by_country=choices.by_country,
            with_workbook=choices.with_workbook and recipient.profile == Profile.NAMES,
            with_document=choices.with_document,
            confirmed=confirmed,
            named=named,
            prepared_by=actor,
        )
        auditing.record(
            actor=actor,
            action=AuditAction.DELIVERY_PREPARED,
            petition=petition,
            target=delivery.pk,
            amount=named,
            reason=reason,
            details={"recipient": recipient.pk, "cut_off": choices.cut_off.isoformat()},
        )
    delivery.refresh_from_db()
    return delivery


def record_hand_over(*, delivery: Delivery, day: date, way: HandOverWay, note: str, actor: Organiser | None) -> None:
    """Record that a hand-over reached its recipient; what it holds is frozen from then on.

    :raises ValidationError: if it is recorded already, or the day is in the future or before it was prepared
    :raises PurgedError: if no file was ever made of it and the signatures were erased
    """
    if not delivery.manifest:
        make_manifest(delivery=delivery)
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().annotate(now=TransactionNow()).get(pk=delivery.pk)
        if locked.state != DeliveryState.PREPARED:
            raise ValidationError(_("This hand-over is recorded already."))
        if not _utc_day(locked.prepared_at) <= day <= _utc_day(locked.now):
            raise ValidationError(_("The day is in the future, or before the list was prepared."))
        locked.state = DeliveryState.HANDED_OVER
        locked.handed_over_on, locked.handed_over_how, locked.note = day, way, note
        locked.save(update_fields=["state", "handed_over_on", "handed_over_how", "note"])
        auditing.record(
            actor=actor,
            action=AuditAction.DELIVERY_HANDED_OVER,
            petition=locked.petition,
            target=locked.pk,
            amount=locked.named,
            details={"recipient": locked.recipient_id, "manifest": locked.manifest_digest},
        )


def record_answer(*, delivery: Delivery, day: date, replies: dict[str, str], actor: Organiser | None) -> None:
    """Publish the recipient's reply, or another wording of it.

    :param replies: in every language of the site
    :raises ValidationError: if nothing was handed over yet, or the day is before that or in the future
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().annotate(now=TransactionNow()).get(pk=delivery.pk)
        if locked.handed_over_on is None:
            raise ValidationError(_("Record first that the list was handed over."))
        if not locked.handed_over_on <= day <= _utc_day(locked.now):
            raise ValidationError(_("The day is in the future, or before the hand-over."))
        locked.state = DeliveryState.ANSWERED
        locked.answered_on = day
        for language, text in replies.items():
            setattr(locked, f"reply_{language}", text)
        locked.save(update_fields=["state", "answered_on", *(f"reply_{language}" for language in replies)])
        auditing.record(actor=actor, action=AuditAction.DELIVERY_ANSWERED, petition=locked.petition, target=locked.pk)


def _span(choices: Choices, last: Delivery | None) -> Span:
    since = last.cut_off if choices.only_new and last is not None else None
    return Span(since=since, up_to=choices.cut_off)


def _check(petition: Petition, now: datetime, choices: Choices, last: Delivery | None) -> None:
    if petition.purged_at is not None:
        raise ValidationError(_("The personal data of the signers was erased: there is no list any more."))
    if not petition.text_versions.exists():
        raise ValidationError(_("Publish the text first: nobody can have signed it yet."))
    if choices.cut_off > now - CUT_OFF_AGE:
        raise ValidationError(_("The cut-off must lie at least 10 minutes back, so that every confirmation is in."))
    if choices.only_new and last is None:
        raise ValidationError(_("Nothing was handed over to this recipient yet, so that everything is new."))
    if choices.only_new and last is not None and choices.cut_off <= last.cut_off:
        raise ValidationError(_("The cut-off must be later than that of the last hand-over to this recipient."))


def _utc_day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
