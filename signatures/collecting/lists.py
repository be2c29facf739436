"""The life of a list from elsewhere: read, entered by the worker if somebody lets it, or dropped."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures import auditing
from signatures.collecting.entering import check_takes
from signatures.collecting.outside_rows import PART_ROWS, OutsideRow, Reading, seal, unseal
from signatures.models import EnteredRow, ListPart, Organiser, OutsideList, Petition, TextVersion
from signatures.models.bundle import signatures_of
from signatures.models.choices import AuditAction, SignatureState, Source
from signatures.models.outside_list import ListStage

# With fewer, the count before and after would tell whether one address among them had signed.
USABLE_MIN = 10
ENTERED_ALREADY = gettext_lazy(
    "This very file was entered already, and counts. Take it out of the count first if it was wrong."
)


def park_list(
    *, version: TextVersion, language: str, label: str, file_key: bytes, reading: Reading, actor: Organiser
) -> OutsideList:
    """Keep what was read of a file, encrypted, until somebody lets it be entered, at most for a day.

    :param version: what the signers signed, of which the organiser answers that it is the same elsewhere
    :param file_key: by which the same file is recognised
    :raises ValidationError: if the petition takes nothing, the file was entered already, or too few rows can be used
    """
    with transaction.atomic():
        petition = Petition.objects.select_for_update(no_key=True).get(pk=version.petition_id)
        check_takes(petition)
        check_is_new(petition, file_key)
        if reading.usable < USABLE_MIN:
            raise ValidationError(
                _("Fewer than ten rows can be entered. So few are entered as paper: that tells nobody who had signed.")
            )
        one = OutsideList.objects.create(
            petition=petition,
            text_version=version,
            label=label,
            language=language,
            file_key=file_key,
            columns=reading.columns.letters(),
            fates=reading.fates,
            has_addresses=reading.columns.address is not None,
            needs_two=petition.four_eyes or version.rules.lists_need_two,
            made_by=actor,
        )
        ListPart.objects.bulk_create(
            (
                ListPart(outside_list=one, number=start, rows_encrypted=seal(reading.rows[start : start + PART_ROWS]))
                for start in range(0, len(reading.rows), PART_ROWS)
            ),
            batch_size=20,
        )
        record_act(one, AuditAction.LIST_READ, actor, len(reading.rows))
    return one


def start_list(*, pk: int, actor: Organiser) -> None:
    """Let the worker enter a list.

    :raises OutsideList.DoesNotExist: if it was dropped
    :raises ValidationError: if it is under way, the file was entered already, or somebody else has to do this
    """
    with transaction.atomic():
        one = _locked(pk)
        if one.stage != ListStage.PARKED:
            raise ValidationError(_("This list is under way, or entered already."))
        check_takes(one.petition)
        check_is_new(one.petition, bytes(one.file_key))
        if one.needs_two and one.made_by_id == actor.pk:
            raise ValidationError(_("You have read this file. Somebody else must look at it, and let it be entered."))
        one.stage, one.started_by, one.progress = ListStage.QUEUED, actor, 0
        one.save(update_fields=["stage", "started_by", "progress"])
        record_act(one, AuditAction.LIST_STARTED, actor, one.line_count)


def stop_list(*, pk: int, actor: Organiser | None) -> None:
    """Stop the worker: nothing of the list is entered, and it waits as before.

    :param actor: None if whoever had let it be entered has lost the right to
    :raises OutsideList.DoesNotExist: if it was dropped
    :raises ValidationError: if it is entered already, or was not begun
    """
    with transaction.atomic():
        # The entry first: it locks the petition enough against those who erase it, and does not wait for the worker,
        # which holds it while it enters.
        one = OutsideList.objects.select_related("petition").get(pk=pk)
        record_act(one, AuditAction.LIST_STOPPED, actor, one.line_count)
        one = OutsideList.objects.select_for_update(of=("self",)).get(pk=pk)
        if one.stage != ListStage.QUEUED:
            raise ValidationError(_("It is not being entered: there is nothing to stop."))
        one.stage, one.started_by, one.progress = ListStage.PARKED, None, 0
        one.save(update_fields=["stage", "started_by", "progress"])


def drop_list(*, pk: int, actor: Organiser) -> None:
    """Forget what was read of a file.

    :raises OutsideList.DoesNotExist: if it was dropped
    :raises ValidationError: if it is under way, or entered already
    """
    with transaction.atomic():
        one = _locked(pk)
        if one.stage != ListStage.PARKED:
            raise ValidationError(_("This list is under way, or entered already."))
        record_act(one, AuditAction.LIST_DROPPED, actor, one.line_count)
        one.delete()


def drop_forgotten_lists() -> int:
    """Drop the lists that nobody has entered for a day; return how many."""
    dropped = 0
    for pk in OutsideList.objects.all().forgotten().values_list("pk", flat=True):
        with transaction.atomic():
            dropped += _forget(pk)
    return dropped


def _forget(pk: int) -> bool:
    try:
        one = _locked(pk)
    except OutsideList.DoesNotExist:
        return False
    if one.stage != ListStage.PARKED:
        return False
    record_act(one, AuditAction.LIST_DROPPED, None, one.line_count)
    one.delete()
    return True


def rows_of(one: OutsideList) -> Iterator[OutsideRow]:
    """Yield the rows of a list that waits; none of a part whose key was taken out of the settings."""
    for data in one.parts.order_by("number").values_list("rows_encrypted", flat=True):
        try:
            yield from unseal(data)
        except InvalidToken:
            return


def check_is_new(petition: Petition, file_key: bytes) -> None:
    """Refuse a file of which anything counts already.

    :raises ValidationError: if that is so
    """
    same = OutsideList.objects.filter(petition=petition, file_key=file_key, stage=ListStage.DONE)
    rows = EnteredRow.objects.filter(sheet__bundle__outside_list__in=same)
    # Of those who have confirmed here since, the file says nothing new.
    if signatures_of(rows).filter(source=Source.IMPORT).exclude(state=SignatureState.REMOVED).exists():
        raise ValidationError(ENTERED_ALREADY)


def _locked(pk: int) -> OutsideList:
    # The petition first, as whoever erases a campaign does.
    petition_id = OutsideList.objects.values_list("petition_id", flat=True).get(pk=pk)
    petition = Petition.objects.select_for_update(no_key=True).get(pk=petition_id)
    one = OutsideList.objects.select_for_update(of=("self",)).get(pk=pk)
    one.petition = petition
    return one


def record_act(
    one: OutsideList, action: AuditAction, actor: Organiser | None, amount: int, **details: str | int
) -> None:
    """Record what was done with a list.

    :param amount: how many rows its file has; how many of them had signed here, no entry tells
    """
    auditing.record(actor=actor, action=action, petition=one.petition, target=one.pk, amount=amount, details=details)
