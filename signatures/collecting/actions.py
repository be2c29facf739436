"""The life of a sheet: made with its bundle, typed by one or two, or only counted; each action is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from signatures import auditing
from signatures.collecting.entering import check_again, check_takes, erased_lines, locked_sheet, store_rows
from signatures.collecting.rows import (
    NEITHER,
    READ_FIRST,
    READ_SECOND,
    Difference,
    TypedRow,
    differences,
    open_rows,
    seal_rows,
    settled,
)
from signatures.models import Bundle, Organiser, Petition, Sheet, TextVersion, Typing
from signatures.models.bundle import FIRST, SECOND
from signatures.models.choices import AuditAction, Visibility
from signatures.models.rights import may
from signatures.safeguarding.encryption import encrypt

TOO_FAR = gettext_lazy(
    "The two readings are too different to be shown here. Somebody who may see signatures compares them with the paper"
    " and settles them; or drop what was typed, and let two people type it anew."
)


class Outcome(Enum):
    """What became of a sheet that was typed."""

    ENTERED = "ENTERED"
    WAITS = "WAITS"
    DIFFERS = "DIFFERS"


@dataclass(frozen=True)
class Readings:
    """What two people read on a sheet.

    :param typings: numbers of the two rows that hold it, by which it is known whether they are still the same
    :param people: numbers of the accounts that typed them
    """

    first: list[TypedRow]
    second: list[TypedRow]
    typings: tuple[int, int]
    people: tuple[int, int]

    @property
    def differing(self) -> list[Difference]:
        """Return the lines that were read differently, in their order."""
        return differences(self.first, self.second)

    @property
    def are_close(self) -> bool:
        """Return whether both must have had the paper: each row was seen by both, and more are alike than not."""
        differing = self.differing
        both_saw = all(one.first is not None and one.second is not None for one in differing)
        return both_saw and 2 * len(differing) < len(self.first)

    @property
    def mark(self) -> str:
        """Return what a page sends along, so that only what it has shown is settled."""
        return "{}-{}".format(*self.typings)


def make_bundle(
    *,
    version: TextVersion,
    language: str,
    label: str,
    amount: int,
    lines: int,
    two_people: bool,
    actor: Organiser,
) -> Bundle:
    """Give numbers to sheets that are to be printed with a text.

    :param language: one of the text's
    :param amount: how many sheets or slips
    :param lines: rows on each; one makes slips
    :raises ValidationError: if the petition takes no paper, or the text is no longer its newest
    """
    with transaction.atomic():
        petition = Petition.objects.select_for_update(no_key=True).get(pk=version.petition_id)
        check_takes(petition)
        if TextVersion.objects.newest_of(petition.pk).pk != version.pk:
            raise ValidationError(_("The text has changed since you opened this page. Look at it, and try again."))
        bundle = Bundle.objects.create(
            petition=petition,
            text_version=version,
            label_encrypted=encrypt(label),
            language=language,
            is_slips=lines == 1,
            two_people=two_people,
            made_by=actor,
        )
        Sheet.objects.bulk_create(Sheet(petition=petition, bundle=bundle, lines=lines) for _number in range(amount))
        auditing.record(actor=actor, action=AuditAction.BUNDLE_MADE, petition=petition, target=bundle.pk, amount=amount)
    return bundle


def type_sheet(*, pk: int, rows: Sequence[TypedRow], actor: Organiser) -> Outcome:
    """Enter the signatures of a sheet, or, where two people type, keep what one has read until the other has typed.

    :raises Sheet.DoesNotExist: if the data of its signers was erased with it
    :raises ValidationError: if it was entered already, or this person has typed it, or two have; if a line was erased
        at its signer's request, or this person may not put aside that it was removed
    """
    with transaction.atomic():
        sheet = locked_sheet(pk)
        check_again(sheet, rows, actor=actor)
        if not sheet.bundle.two_people:
            store_rows(sheet, rows, actor=actor)
            return Outcome.ENTERED
        earlier = _readable(sheet)
        if len(earlier) == SECOND:
            raise ValidationError(_("Two people have typed it: settle first what they read differently."))
        if any(typing.typed_by_id == actor.pk for typing, _read in earlier):
            raise ValidationError(_("You have typed this sheet. Now it waits for somebody else."), code="typed")
        if any(read == list(rows) for _typing, read in earlier):
            store_rows(sheet, rows, actor=actor)
            return Outcome.ENTERED
        place = SECOND if earlier else FIRST
        Typing.objects.create(sheet=sheet, place=place, typed_by=actor, rows_encrypted=seal_rows(rows))
        _record(sheet, AuditAction.SHEET_TYPED, actor, len(rows))
    return Outcome.DIFFERS if earlier else Outcome.WAITS


def readings_of(sheet: Sheet) -> Readings | None:
    """Return what two people read on a sheet, or None unless both have typed it."""
    typings = list(sheet.typings.order_by("place"))
    if len(typings) < SECOND:
        return None
    try:
        first, second = (open_rows(typing.rows_encrypted) for typing in typings)
    except InvalidToken:
        return None
    one, other = typings
    return Readings(first, second, (one.pk, other.pk), (one.typed_by_id, other.typed_by_id))


def _readable(sheet: Sheet) -> list[tuple[Typing, list[TypedRow]]]:
    """Return what was typed of a locked sheet; if the key of one was taken out of the settings, it is typed anew."""
    try:
        return [(typing, open_rows(typing.rows_encrypted)) for typing in sheet.typings.order_by("place")]
    except InvalidToken:
        sheet.typings.all().delete()
        return []


def may_compare(readings: Readings, sheet: Sheet, actor: Organiser) -> bool:
    """Return whether somebody may see what others have read: else who has no paper would learn its names by typing."""
    return readings.are_close or may(actor, "view_signature", sheet.petition_id)


def settle_sheet(*, pk: int, seen: str, chosen: Mapping[int, str], actor: Organiser) -> int:
    """Enter what two people agree on, and of what they read differently what was chosen; return how many signatures.

    :param seen: mark of the readings that this person has compared with the paper
    :param chosen: for each such line ``first``, ``second`` or ``neither``
    :raises Sheet.DoesNotExist: if the data of its signers was erased with it
    :raises ValidationError: if there is nothing to settle, it was typed anew meanwhile, or this person may not compare
        readings so different; by line, if this person alone has read somebody there
    """
    with transaction.atomic():
        sheet = locked_sheet(pk)
        readings = readings_of(sheet)
        if readings is None or readings.mark != seen or {one.line for one in readings.differing} != set(chosen):
            raise ValidationError(_("It was typed anew meanwhile: look at it as it stands now."))
        if not may_compare(readings, sheet, actor):
            raise ValidationError(TOO_FAR)
        _check_not_alone(readings, chosen, actor)
        picked = {one.line: _reading(one, chosen[one.line]) for one in readings.differing}
        rows = settled(readings.first, readings.second, picked)
        if not rows:
            raise ValidationError(_("Nothing would be entered. Drop what was typed, and type the sheet again."))
        store_rows(sheet, rows, actor=actor)
    return len(rows)


def _check_not_alone(readings: Readings, chosen: Mapping[int, str], actor: Organiser) -> None:
    """Refuse to let one person both read a signature that the other has not seen, and decide that it is there."""
    by = dict(zip((READ_FIRST, READ_SECOND), readings.people, strict=True))
    alone = [
        one.line
        for one in readings.differing
        if (one.first is None or one.second is None)
        and by.get(chosen[one.line]) == actor.pk
        and _reading(one, chosen[one.line]) is not None
    ]
    if alone:
        sentence = _("Only you have read somebody on this row. Somebody else has to choose your reading.")
        raise ValidationError({str(line): sentence for line in alone})


def _reading(one: Difference, choice: str) -> TypedRow | None:
    return None if choice == NEITHER else one.first if choice == READ_FIRST else one.second


def drop_typings(*, pk: int, actor: Organiser) -> None:
    """Forget what was typed of a sheet and waits, so that it is typed anew.

    :raises Sheet.DoesNotExist: if the data of its signers was erased with it
    :raises ValidationError: if it was entered meanwhile
    """
    with transaction.atomic():
        sheet = locked_sheet(pk)
        dropped, _models = sheet.typings.all().delete()
        if dropped:
            _record(sheet, AuditAction.SHEET_DROPPED, actor, dropped)


def count_sheet(*, pk: int, amount: int, country: str, place: str, actor: Organiser) -> None:
    """Enter only how many signatures there are on paper whose names are not typed: no one sees these names.

    :param country: code
    :param place: where the paper lies
    :raises Sheet.DoesNotExist: if the data of its signers was erased with it
    :raises ValidationError: if it was entered already, two people are to type it, or it is one of several and has fewer
        lines: the number would be that of the others, too, which may be typed as well
    """
    with transaction.atomic():
        sheet = locked_sheet(pk)
        if sheet.bundle.two_people:
            raise ValidationError(_("Two people type these sheets: a bare number would be that of one."))
        if amount > sheet.lines and sheet.bundle.sheets.count() > 1:
            sentence = ngettext(
                "A sheet of several has %(lines)s row: a number under it cannot be larger.",
                "A sheet of several has %(lines)s rows: a number under it cannot be larger.",
                sheet.lines,
            )
            raise ValidationError(sentence % {"lines": sheet.lines}, code="too_many")
        lines = _free_lines(sheet, amount)
        rows = [TypedRow(line, Visibility.COUNTED.value, None, country) for line in lines]
        store_rows(sheet, rows, actor=actor, place=place)


def _free_lines(sheet: Sheet, amount: int) -> list[int]:
    """Return the lines that a bare number takes: not those that were erased at their signers' request.

    :raises ValidationError: if the number is so large that these may be among it
    """
    erased = set(erased_lines(sheet))
    left = sheet.rows.count() - len(erased)
    if erased and amount > left:
        sentence = _("Signatures of this paper were erased at their signers’ request. Without them, at most %(limit)s.")
        raise ValidationError(sentence % {"limit": left}, code="erased")
    return [line for line in range(1, amount + len(erased) + 1) if line not in erased][:amount]


def _record(sheet: Sheet, action: AuditAction, actor: Organiser, amount: int) -> None:
    auditing.record(
        actor=actor,
        action=action,
        petition=sheet.petition,
        target=sheet.bundle_id,
        amount=amount,
        details={"sheet": sheet.number},
    )
