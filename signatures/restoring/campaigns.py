"""Takes away again what organisers have taken away from campaigns since a backup."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError, RestrictedError

from signatures.journaling.entries import Entry
from signatures.mailing.news_mailing import plan_mailing
from signatures.models import (
    AlertNews,
    Approval,
    Batch,
    Delivery,
    LeadPetitioner,
    NewsMailing,
    NewsSubscriber,
    OutgoingMail,
    Petition,
    Picture,
    Recipient,
    Switch,
    Update,
)
from signatures.models.batch import AT_WORK
from signatures.models.choices import BatchStage, PetitionStatus, Profile
from signatures.models.protection import Protection
from signatures.moderating.batches import end_batch
from signatures.moderating.purging import purge_again
from signatures.restoring.latest import Rows, other_than_noted
from signatures.texts.drafts import delete_draft, was_ever_published


def _delete_changed(model: type[models.Model]) -> Callable[[Rows], int]:
    """Return what deletes the rows of a model that were deleted or changed since: what they were is not shown again."""

    def apply(rows: Rows) -> int:
        found = other_than_noted(model._meta.db_table, rows)
        models.QuerySet(model).filter(pk__in=found.keys()).delete()
        return len(found)

    return apply


def _take_back_news(rows: Rows) -> int:
    """Delete news that was deleted; what was taken back or changed is a draft again, for organisers to look at."""
    found = other_than_noted(Update._meta.db_table, rows)
    gone = [number for number, entry in found.items() if entry.is_gone]
    Update.objects.filter(pk__in=gone).delete()
    changed = Update.objects.filter(pk__in=found.keys(), published_at__isnull=False)
    return len(gone) + changed.update(published_at=None, is_scheduled=False)


def _lower_recipients(rows: Rows) -> int:
    found = other_than_noted(Recipient._meta.db_table, rows)
    lower = [number for number, one in found.items() if one.is_gone or one.facts["profile"] == Profile.TOTALS]
    # One that was deleted was in no published text, so that nothing was ever handed over to it.
    return Recipient.objects.filter(pk__in=lower, profile=Profile.NAMES).update(profile=Profile.TOTALS)


def _discard_deliveries(rows: Rows) -> int:
    discarded = 0
    for delivery in Delivery.objects.filter(pk__in=[number for number, entry in rows.items() if entry.is_gone]):
        try:
            with transaction.atomic():
                delivery.delete()
                discarded += 1
        except (IntegrityError, ProtectedError, RestrictedError):
            # Its files are packed, which in the backup they were not when it was discarded: it stays, unused.
            continue
    return discarded


def _end_news(rows: Rows) -> int:
    gone = [number for number, entry in rows.items() if entry.is_gone]
    return NewsSubscriber.objects.filter(pk__in=gone).delete()[0]


def _lower_petitions(rows: Rows) -> int:
    found = other_than_noted(Petition._meta.db_table, rows)
    changed = 0
    for petition in Petition.objects.filter(pk__in=found.keys()).select_for_update().order_by("pk"):
        entry = found[petition.pk]
        if entry.is_gone:
            changed += _delete_draft(petition)
            continue
        before = {name: getattr(petition, name) for name in entry.facts}
        _lower_petition(petition, entry)
        if before != {name: getattr(petition, name) for name in entry.facts}:
            petition.save()
            changed += 1
        if entry.facts["purged_at"] and petition.purged_at is None:
            if was_ever_published(petition):
                purge_again(petition)
                changed += 1
            else:
                # Published, closed and erased since: as a draft it has no signers, and it cannot be closed.
                changed += LeadPetitioner.objects.filter(petition=petition).delete()[0]
    return changed


def _delete_draft(petition: Petition) -> bool:
    """Delete a draft that was deleted, and return whether that could be done; nobody but organisers sees it."""
    if was_ever_published(petition):
        return False
    try:
        with transaction.atomic():
            delete_draft(petition=petition, actor=None)
    except (ValidationError, IntegrityError, RestrictedError):
        return False
    return True


def _lower_petition(petition: Petition, entry: Entry) -> None:
    """Close and archive what was closed and archived, and let the stricter rules hold."""
    noted = entry.facts
    if PetitionStatus.CLOSED in (noted["status"], petition.status) and petition.status != PetitionStatus.DRAFT:
        petition.status = PetitionStatus.CLOSED
    if petition.status == PetitionStatus.CLOSED and petition.archived_at is None and noted["archived_at"]:
        petition.archived_at = datetime.fromisoformat(noted["archived_at"])
    petition.reviews_names = petition.reviews_names or noted["reviews_names"]
    petition.four_eyes = petition.four_eyes or noted["four_eyes"]
    petition.four_eyes_from = min(petition.four_eyes_from, noted["four_eyes_from"])
    if Protection(petition.protection).is_below(Protection(noted["protection"])):
        # Of the draft; a text that was published under it is lost, so that organisers publish it again.
        petition.protection = noted["protection"]
    petition.news_by_mail = (
        petition.news_by_mail
        and noted.get("news_by_mail", True)
        and Protection(petition.protection).rules.offers_news_by_mail
    )
    if noted["erase_on"]:
        day = date.fromisoformat(noted["erase_on"])
        petition.erase_on = min(petition.erase_on or day, day)
    if noted["opens_at"] and petition.opens_at is not None:
        begin = max(petition.opens_at, datetime.fromisoformat(noted["opens_at"]))
        if petition.closes_at is None or begin < petition.closes_at:
            petition.opens_at = begin
    if noted["closes_at"]:
        end = datetime.fromisoformat(noted["closes_at"])
        if petition.opens_at is None or end > petition.opens_at:
            petition.closes_at = min(petition.closes_at or end, end)


def less_guarded_than_wanted() -> list[str]:
    """Return the addresses of petitions whose newest text protects less than their draft: it has to be published."""
    return [
        petition.slug
        for petition in Petition.objects.all().public().order_by("slug")
        if (newest := petition.text_versions.order_by("-number").first()) is not None
        and Protection(newest.protection).is_below(Protection(petition.protection))
    ]


# What each table's entries are answered by, in this order.
CAMPAIGNS: dict[str, Callable[[Rows], int]] = {
    "signatures_recipient": _lower_recipients,
    "signatures_update": _take_back_news,
    "signatures_picture": _delete_changed(Picture),
    "signatures_leadpetitioner": _delete_changed(LeadPetitioner),
    "signatures_delivery": _discard_deliveries,
    "signatures_newssubscriber": _end_news,
    # Behind all that goes with a petition whose signers were erased.
    "signatures_petition": _lower_petitions,
}


def apply_switches(entries: Iterable[Entry]) -> int:
    """Turn each emergency switch as it was turned last, and return how many that were."""
    turned = 0
    for name, is_off in {str(entry.facts["name"]): entry.is_gone for entry in entries}.items():
        if is_off:
            turned += Switch.objects.filter(name=name).delete()[0]
        else:
            turned += Switch.objects.get_or_create(name=name, defaults={"reason": "Turned on before a restore"})[1]
    return turned


def end_what_was_under_way() -> int:
    """Break off rules, and end requests to a second person: nobody knows what became of them; return how many."""
    dropped, _ = Batch.objects.filter(stage__in=[BatchStage.COUNTING, BatchStage.READY]).delete()
    running = list(Batch.objects.filter(stage__in=AT_WORK).select_for_update(of=("self",)))
    for batch in running:
        end_batch(batch, BatchStage.CANCELLED)
        batch.save()
    ended = Approval.objects.open().update(taken_back_at=TransactionNow())
    # What organisers were told is days old.
    AlertNews.objects.all().delete()
    OutgoingMail.objects.all().to_organisers().delete()
    # What was published was mailed since, or some of it: nobody is mailed the same twice.
    NewsMailing.objects.all().delete()
    for item in Update.objects.filter(is_scheduled=True, published_at__gt=TransactionNow()).select_related("petition"):
        plan_mailing(item)
    OutgoingMail.objects.all().of_news().delete()
    return int(dropped > 0) + len(running) + ended
