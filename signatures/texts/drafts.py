"""Begins a draft as a copy of a petition, and deletes drafts that nobody has ever seen."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.languages import Language, in_site_order
from signatures.models import Batch, LeadPetitioner, Membership, Organiser, Petition, Recipient, Update
from signatures.models.choices import AuditAction, PetitionStatus
from signatures.texts.addresses import free_address
from signatures.texts.digest import TEXT_PARTS

# What a copy takes over besides its texts: never dates, numbers, or people.
SETTINGS = (
    "protection",
    "languages",
    "goal",
    "contact",
    "countries_first",
    "share_places",
    "asks_city",
    "reviews_names",
    "waiting_words",
    "four_eyes",
    "four_eyes_from",
)
COPIED_PARTS = (*TEXT_PARTS, "thanks")
COPIED_FROM = "copied_from"


def titles_of(petition: Petition) -> list[str]:
    """Return a petition's titles, in the order in which its address is made of them."""
    return [getattr(petition, f"title_{language}") or "" for language in in_site_order(petition.languages)]


def duplicate_petition(*, petition: Petition, actor: Organiser | None) -> Petition:
    """Begin a draft with the texts, recipients and settings of a petition, under an address of its own."""
    texts = [f"{part}_{language}" for part in COPIED_PARTS for language in Language.values]
    with transaction.atomic():
        # Nobody changes it meanwhile.
        petition = Petition.objects.select_for_update(no_key=True).get(pk=petition.pk)
        copied = [*texts, *SETTINGS]
        copy = Petition(slug=free_address(titles_of(petition)), status=PetitionStatus.DRAFT)
        for name in copied:
            setattr(copy, name, getattr(petition, name))
        copy.save(force_insert=True)
        for recipient in petition.recipients.all():
            names = {f"name_{language}": getattr(recipient, f"name_{language}") for language in Language.values}
            Recipient.objects.create(petition=copy, profile=recipient.profile, position=recipient.position, **names)
        auditing.record(
            actor=actor,
            action=AuditAction.PETITION_CHANGED,
            petition=copy,
            target=copy.pk,
            details={"fields": [], COPIED_FROM: petition.pk},
        )
    return copy


@dataclass(frozen=True)
class DraftHoldings:
    """What goes with a draft.

    :param news: news that were written for it
    :param colleagues: organisers with a role in it
    """

    recipients: int
    news: int
    colleagues: int


def draft_holdings(petition: Petition) -> DraftHoldings:
    """Return how much would go with a draft."""
    return DraftHoldings(petition.recipients.count(), petition.updates.count(), petition.memberships.count())


def was_ever_published(petition: Petition) -> bool:
    """Return whether anything of a petition was ever put before readers, so that it stays for ever."""
    return petition.status != PetitionStatus.DRAFT or petition.text_versions.exists()


def delete_draft(*, petition: Petition, actor: Organiser | None) -> None:
    """Delete a draft that was never public, with everything that belongs to it; its audit entries stay.

    :raises ValidationError: if a text of it was ever published, or something else relies on it
    :raises Petition.DoesNotExist: if it is gone already
    """
    with transaction.atomic():
        petition = Petition.objects.select_for_update().get(pk=petition.pk)
        if was_ever_published(petition):
            raise ValidationError(_("Its text was published: it stays. Close it, then archive it."))
        # Roles end with the draft: the log says so of each, as wherever one is taken away.
        for membership in petition.memberships.select_related("organiser", "role").order_by("pk"):
            auditing.record(
                actor=actor,
                action=AuditAction.RIGHTS_TAKEN,
                petition=petition,
                target=membership.organiser_id,
                details={"account": membership.organiser.username, "role": membership.role.name},
            )
        auditing.record(
            actor=actor,
            action=AuditAction.PETITION_DELETED,
            petition=petition,
            target=petition.pk,
            details={"slug": petition.slug},
        )
        for rows in (Membership.objects, Update.objects, LeadPetitioner.objects, Batch.objects):
            rows.filter(petition=petition).delete()
        try:
            petition.delete()
        except ProtectedError as error:
            raise ValidationError(_("Something else relies on this draft, so that it stays.")) from error
