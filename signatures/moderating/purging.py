"""Erases the data of a petition's signers when the campaign is over; numbers, texts and hand-overs stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.approving.gate import require_approval
from signatures.mailing.alerting import forget_petition
from signatures.models import (
    Batch,
    BatchRow,
    Bundle,
    Delivery,
    EnteredRow,
    LeadPetitioner,
    Movement,
    NewsMailing,
    NewsSubscriber,
    Organiser,
    OutgoingMail,
    Petition,
    Sheet,
)
from signatures.models.choices import ApprovalKind, AuditAction, PetitionStatus

WARNED_BEFORE = timedelta(days=30)
RETENTION_REASON = "retention date"
RESTORED_REASON = "erased before, restored with a backup"


@dataclass(frozen=True)
class Holdings:
    """How many rows are stored about a petition's signers.

    :param signatures: signatures in every state
    :param attempts: attempts that are not confirmed yet
    :param mails: mails still to be sent
    :param subscribers: addresses that get the news by mail
    """

    signatures: int
    attempts: int
    mails: int
    subscribers: int


def holdings_of(petition: Petition) -> Holdings:
    """Return how many rows a purge would erase."""
    return Holdings(
        signatures=petition.signatures.count(),
        attempts=petition.attempts.filter(confirmed_at__isnull=True).count(),
        mails=OutgoingMail.objects.filter(petition=petition).count(),
        subscribers=NewsSubscriber.objects.filter(petition=petition).count(),
    )


def purge_petition(*, petition: Petition, reason: str, actor: Organiser | None) -> Holdings:
    """Erase all data of a closed petition's signers, and of its lead petitioner, in one transaction.

    :raises ValidationError: if the petition is not closed, or was purged already
    :raises NeedsApprovalError: if a second person must agree first
    """
    with transaction.atomic():
        # Confirmations in progress lock this row in share mode at their end, for the foreign key of their tally; this
        # lock allows that. Their attempts are waited for below.
        petition = Petition.objects.select_for_update(no_key=True).get(pk=petition.pk)
        if petition.purged_at is not None:
            raise ValidationError(_("The personal data of its signers was erased already."))
        if petition.status != PetitionStatus.CLOSED:
            raise ValidationError(_("Close the petition first."))
        agreed = require_approval(
            petition_id=petition.pk,
            kind=ApprovalKind.ERASE_ALL,
            what={},
            actor=actor,
            reason=reason,
            amount=petition.signatures.count,
        )
        return _purge(petition, reason, actor, agreed)


def purge_again(petition: Petition) -> None:
    """Purge a petition, in the caller's transaction, that was purged since the backup from which it was restored."""
    if petition.status != PetitionStatus.CLOSED:
        petition.status = PetitionStatus.CLOSED
        petition.save(update_fields=["status"])
    _purge(petition, RESTORED_REASON, None, {})


def _purge(petition: Petition, reason: str, actor: Organiser | None, agreed: dict[str, int]) -> Holdings:
    erased = _erase(petition)
    LeadPetitioner.objects.filter(petition=petition).delete()
    # With these seeds, guesses of who was listed could be tested against the digests that stay.
    Delivery.objects.filter(petition=petition).update(seed_encrypted=None)
    Petition.objects.filter(pk=petition.pk).update(purged_at=TransactionNow())
    auditing.record(
        actor=actor,
        action=AuditAction.PETITION_PURGED,
        petition=petition,
        target=petition.pk,
        amount=erased.signatures,
        reason=reason,
        details={
            "attempts": erased.attempts,
            "mails": erased.mails,
            "subscribers": erased.subscribers,
            **agreed,
        },
    )
    return erased


def purge_due() -> int:
    """Purge the petitions that are due, and return how many; one that is open is closed first.

    A form submitted before closing may still be in flight, so a petition is closed in one round and purged in another.
    """
    purged = 0
    for petition in Petition.objects.all().to_erase_within(timedelta()):
        if petition.status == PetitionStatus.CLOSED:
            try:
                purge_petition(petition=petition, reason=RETENTION_REASON, actor=None)
                purged += 1
            except ValidationError:
                # Another worker or an organiser was faster.
                continue
        else:
            _close(petition)
    return purged


def erase_latecomers() -> int:
    """Erase rows that were stored for a petition while it was being purged, and return how many."""
    late = 0
    for petition in Petition.objects.filter(purged_at__isnull=False):
        with transaction.atomic():
            erased = _erase(petition)
        late += erased.signatures + erased.attempts + erased.mails + erased.subscribers
    return late


def _erase(petition: Petition) -> Holdings:
    # Rules first: their steps lock them before signatures.
    list(Batch.objects.filter(petition=petition).select_for_update(of=("self",)).values_list("pk"))
    BatchRow.objects.filter(batch__petition=petition).delete()
    Batch.objects.filter(petition=petition).delete()
    # Sheets go with the names that wait, the places of the paper and what bundles are called. Whoever enters one locks
    # the petition first.
    EnteredRow.objects.filter(sheet__petition=petition).delete()
    Sheet.objects.filter(petition=petition).delete()
    Bundle.objects.filter(petition=petition).delete()
    # Whoever is queueing news is waited for here.
    NewsMailing.objects.filter(update__petition=petition).delete()
    # Subscribers before mails, as whoever leaves the news takes them. Attempts before signatures: a confirmation that
    # has locked one ends before signatures are deleted. The foreign key of the mails is checked at the end of the
    # transaction.
    with connection.cursor() as cursor:
        # Keeps this out of the releases: nobody has withdrawn.
        cursor.execute("SELECT set_config('signatures.erasing', 'on', true)")
        Movement.objects.filter(petition=petition).delete()
        erased = {}
        for table in ("newssubscriber", "attempt", "outgoingmail", "signature", "removedmark", "wave", "standinghold"):
            cursor.execute(f"DELETE FROM signatures_{table} WHERE petition_id = %s", [petition.pk])  # noqa: S608
            erased[table] = cursor.rowcount
    forget_petition(petition)
    return Holdings(
        signatures=erased["signature"],
        attempts=erased["attempt"],
        mails=erased["outgoingmail"],
        subscribers=erased["newssubscriber"],
    )


def _close(petition: Petition) -> None:
    with transaction.atomic():
        waiting = Petition.objects.select_for_update(no_key=True).get(pk=petition.pk)
        if waiting.status == PetitionStatus.CLOSED or waiting.opens_at is None:
            return
        waiting.status = PetitionStatus.CLOSED
        waiting.save(update_fields=["status"])
        auditing.record(
            actor=None,
            action=AuditAction.PETITION_CLOSED,
            petition=waiting,
            target=waiting.pk,
            reason=RETENTION_REASON,
        )
