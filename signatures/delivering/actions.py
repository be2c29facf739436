"""What organisers do with a hand-over: prepare it, record that it reached its recipient, enter the reply."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.approving.gate import require_approval
from signatures.delivering.columns import Layout
from signatures.delivering.preview import Choices, check_choices, span_of_choices
from signatures.models import AuditEntry, Delivery, Organiser, Packing, Petition, Recipient, Release, Signature
from signatures.models.choices import ApprovalKind, AuditAction, DeliveryState, Profile, Purpose
from signatures.models.delivery import HandOverWay


def prepare_delivery(*, choices: Choices, reason: str, actor: Organiser | None) -> Delivery:
    """Store what a hand-over covers; its files are made on download.

    :raises ValidationError: if the cut-off is too late, the personal data was erased, or only new signatures are
        requested though nothing was handed over before
    :raises NeedsApprovalError: if a second person must agree first
    """
    with transaction.atomic():
        petitions = Petition.objects.select_for_update(no_key=True).annotate(now=TransactionNow())
        petition = petitions.get(pk=choices.recipient.petition_id)
        recipient = Recipient.objects.get(pk=choices.recipient.pk)
        last = Delivery.objects.last_to(recipient)
        check_choices(petition, petition.now, choices, last)
        span = span_of_choices(choices, last)
        confirmed, named = Signature.objects.numbers_for(petition.pk, [recipient], span)
        chosen = {
            "profile": recipient.profile,
            "language": choices.language,
            "delimiter": choices.delimiter,
            "order": choices.order,
            "with_latin": choices.with_latin,
            "with_city": petition.text_versions.all().asking_city().exists(),
            "by_country": choices.by_country,
            "with_workbook": choices.with_workbook and recipient.profile == Profile.NAMES,
            "with_document": choices.with_document,
            "with_petitioner": choices.names_petitioner(recipient),
        }
        agreed = require_approval(
            petition_id=petition.pk,
            kind=ApprovalKind.HAND_OVER,
            what={
                **chosen,
                "recipient": recipient.pk,
                "cut_off": choices.cut_off.isoformat(),
                "since": span.since and span.since.isoformat(),
                # As they were typed, so that the same can be prepared.
                "only_new": choices.only_new,
                "workbook": choices.with_workbook,
                "petitioner": choices.with_petitioner,
            },
            actor=actor,
            reason=reason,
            amount=lambda: named[recipient.pk],
        )
        delivery = Delivery.objects.create(
            petition=petition,
            recipient=recipient,
            cut_off=choices.cut_off,
            since=span.since,
            **chosen,
            release=Release.objects.filter(petition=petition).newest(up_to=choices.cut_off),
            confirmed=confirmed,
            named=named[recipient.pk],
            prepared_by=actor,
        )
        auditing.record(
            actor=actor,
            action=AuditAction.DELIVERY_PREPARED,
            petition=petition,
            target=delivery.pk,
            amount=delivery.named,
            reason=reason,
            details={"recipient": recipient.pk, "cut_off": choices.cut_off.isoformat(), **agreed},
        )
    delivery.refresh_from_db()
    return delivery


def prepare_own_work(*, recipient: Recipient, layout: Layout, actor: Organiser | None) -> Delivery:
    """Store what a list for the organisers' own work covers: all names that a recipient may get now."""
    petition = recipient.petition
    with transaction.atomic():
        delivery = Delivery.objects.create(
            petition=petition,
            recipient=recipient,
            purpose=Purpose.OWN_WORK,
            profile=recipient.profile,
            cut_off=TransactionNow(),
            language=layout.language,
            delimiter=layout.delimiter,
            order=layout.order,
            with_latin=layout.latin,
            with_city=petition.text_versions.all().asking_city().exists(),
            by_country=False,
            with_workbook=False,
            with_document=False,
            with_petitioner=False,
            release=Release.objects.filter(petition=petition).newest(),
            confirmed=0,
            named=0,
            prepared_by=actor,
        )
        delivery.refresh_from_db()
        return delivery


def record_hand_over(
    *, delivery: Delivery, packing: Packing | None, day: date, way: HandOverWay, note: str, actor: Organiser | None
) -> None:
    """Record that files of a hand-over reached their recipient; their content is frozen from then on.

    :param packing: the packing that was handed over, or None for the newest
    :raises ValidationError: if it is recorded already, it is for the organisers' own work, no file was downloaded yet,
        the personal data was erased, or the day is in the future or before it was prepared
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().annotate(now=TransactionNow()).get(pk=delivery.pk)
        if locked.state != DeliveryState.PREPARED:
            raise ValidationError(_("This hand-over is recorded already."))
        if locked.is_own_work:
            raise ValidationError(_("A list for the organisers’ own work is not handed over: prepare a hand-over."))
        if locked.petition.purged_at is not None:
            raise ValidationError(_("The personal data of the signers was erased: there is no list any more."))
        packings = locked.packings.order_by("-id")
        packing = packings.first() if packing is None else packings.get(pk=packing.pk)
        if packing is None:
            raise ValidationError(_("No file of this hand-over was downloaded yet, so that none can be handed over."))
        if not _utc_day(locked.prepared_at) <= day <= _utc_day(locked.now):
            raise ValidationError(_("The day is in the future, or before the list was prepared."))
        locked.state, locked.packing = DeliveryState.HANDED_OVER, packing
        locked.confirmed, locked.named = packing.confirmed, packing.named
        locked.handed_over_on, locked.handed_over_how, locked.note = day, way, note
        locked.save(
            update_fields=["state", "packing", "confirmed", "named", "handed_over_on", "handed_over_how", "note"]
        )
        auditing.record(
            actor=actor,
            action=AuditAction.DELIVERY_HANDED_OVER,
            petition=locked.petition,
            target=locked.pk,
            amount=locked.named,
            details={"recipient": locked.recipient_id, "manifest": packing.manifest_digest},
        )


def discard_delivery(*, delivery: Delivery, actor: Organiser | None) -> None:
    """Delete a hand-over of which nothing has left the site.

    :raises ValidationError: if any of its files was downloaded, even in part
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if not is_discardable(locked):
            raise ValidationError(_("Files of it were downloaded: nobody can know where they went, so that it stays."))
        auditing.record(
            actor=actor,
            action=AuditAction.DELIVERY_DISCARDED,
            petition=locked.petition,
            target=locked.pk,
            details={"recipient": locked.recipient_id, "cut_off": locked.cut_off.isoformat()},
        )
        locked.delete()


def is_discardable(delivery: Delivery) -> bool:
    """Return whether a hand-over is prepared and no download of it has even begun."""
    begun = AuditEntry.objects.filter(
        petition=delivery.petition_id, action=AuditAction.EXPORT_STARTED, details__delivery=delivery.pk
    )
    return delivery.state == DeliveryState.PREPARED and not delivery.packings.exists() and not begun.exists()


def record_answer(*, delivery: Delivery, day: date, replies: dict[str, str], actor: Organiser | None) -> None:
    """Publish the recipient's reply, or replace its wording.

    :param replies: the reply by language, in every language of the text
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


def _utc_day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
