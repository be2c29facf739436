"""Puts a petition online: publishes its text and opens it, at once or at its opening time."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.models import Organiser, Petition, Recipient, TextVersion
from signatures.models.choices import AuditAction, PetitionStatus
from signatures.texts.gaps import Gap, gaps
from signatures.texts.publishing import is_as_published, next_digest, publish_text


def online_gaps(petition: Petition, recipients: list[Recipient], now: datetime) -> list[Gap]:
    """Return everything that keeps a draft from being put online, in the order of the form."""
    found = gaps(petition, recipients)
    if petition.closes_at is not None and petition.closes_at <= opening_time(petition, now):
        found.append(Gap(_("The closing time must be after the opening time."), "closes_at_0"))
    if petition.erase_on is not None and petition.erase_on <= now.astimezone(UTC).date():
        found.append(Gap(_("The day for erasing personal data is past."), "erase_on"))
    return found


def opening_time(petition: Petition, now: datetime) -> datetime:
    """Return when a draft opens if it is put online now: at its opening time, or at once if that is past or not set."""
    return petition.opens_at if petition.opens_at is not None and petition.opens_at > now else now


def digest_to_go_online(petition: Petition, recipients: list[Recipient], newest: TextVersion | None) -> str:
    """Return the digest of what would be online: the newest version if the draft is the same, else the next one."""
    if newest is not None and is_as_published(petition, recipients, newest):
        return newest.digest
    return next_digest(petition, recipients, newest)


def put_online(*, petition: Petition, actor: Organiser | None, seen: str | None = None) -> Petition:
    """Publish the draft unless that version is published already, and open the petition, in one transaction.

    :param seen: the digest of the draft that the organiser reviewed, or None if nobody reviewed it
    :raises ValidationError: if something is missing, it is online already, or the draft is not the one that was
        reviewed; the messages say which
    :raises Petition.DoesNotExist: if the draft was deleted meanwhile
    """
    with transaction.atomic():
        petition = Petition.objects.select_for_update().annotate(now=TransactionNow()).get(pk=petition.pk)
        now: datetime = petition.now
        if petition.status != PetitionStatus.DRAFT:
            raise ValidationError(_("It is online already."))
        recipients = list(petition.recipients.all())
        missing = online_gaps(petition, recipients, now)
        if missing:
            raise ValidationError([gap.sentence for gap in missing])
        newest = petition.text_versions.all().newest_first().first()
        if seen is not None and seen != digest_to_go_online(petition, recipients, newest):
            raise ValidationError(_("The draft has changed since you looked. Look at it again."))
        if newest is None or not is_as_published(petition, recipients, newest):
            publish_text(petition=petition, actor=actor)
        petition.opens_at = opening_time(petition, now)
        petition.status = PetitionStatus.OPEN
        petition.save(update_fields=["opens_at", "status"])
        auditing.record(
            actor=actor,
            action=AuditAction.PETITION_CHANGED,
            petition=petition,
            target=petition.pk,
            details={"fields": ["opens_at", "status"]},
        )
    return petition
