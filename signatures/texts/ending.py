"""Ends a campaign: closes a petition with words on what came of it, and takes what is over out of the lists."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.models import Organiser, Petition
from signatures.models.choices import AuditAction, PetitionStatus


def close_petition(*, petition: Petition, words: Mapping[str, str], actor: Organiser | None) -> None:
    """Close a public petition, and save its closing words, in one transaction.

    :param words: the closing words by language
    :raises ValidationError: if it is not public yet, or closed already
    """
    with transaction.atomic():
        petition = _locked(petition)
        if petition.status == PetitionStatus.DRAFT:
            raise ValidationError(_("It is not online yet: there is nothing to close."))
        if petition.status == PetitionStatus.CLOSED:
            raise ValidationError(_("It is closed already."))
        fields = [f"closing_words_{language}" for language in words]
        changed = [name for name in fields if (getattr(petition, name) or "") != words[name.rpartition("_")[2]]]
        for name in changed:
            setattr(petition, name, words[name.rpartition("_")[2]])
        petition.status = PetitionStatus.CLOSED
        _save(petition, ["status", *changed], actor)


def archive_petition(*, petition: Petition, actor: Organiser | None) -> None:
    """Take a closed petition out of the lists of the site and of the desk; its own pages stay.

    :raises ValidationError: if it is not closed; nothing happens if it is archived already
    """
    with transaction.atomic():
        petition = _locked(petition)
        if petition.status != PetitionStatus.CLOSED:
            raise ValidationError(_("Close the petition first."))
        if petition.archived_at is None:
            petition.archived_at = TransactionNow()
            _save(petition, ["archived_at"], actor)


def restore_from_archive(*, petition: Petition, actor: Organiser | None) -> None:
    """List an archived petition again; nothing happens if it is not archived."""
    with transaction.atomic():
        petition = _locked(petition)
        if petition.archived_at is not None:
            petition.archived_at = None
            _save(petition, ["archived_at"], actor)


def _locked(petition: Petition) -> Petition:
    # Signing goes on meanwhile: its foreign keys need a weaker lock.
    return Petition.objects.select_for_update(no_key=True).get(pk=petition.pk)


def _save(petition: Petition, fields: list[str], actor: Organiser | None) -> None:
    petition.save(update_fields=fields)
    auditing.record(
        actor=actor,
        action=AuditAction.PETITION_CHANGED,
        petition=petition,
        target=petition.pk,
        details={"fields": sorted(fields)},
    )
