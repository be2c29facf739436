"""Turns what stands on paper into signatures, in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from signatures import auditing
from signatures.collecting.rows import TypedRow
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import EnteredRow, Movement, Organiser, Petition, Sheet, Signature
from signatures.models.bundle import signatures_of
from signatures.models.choices import (
    AuditAction,
    NameReview,
    PetitionStatus,
    SignatureState,
    Source,
    TallyKind,
    Visibility,
)
from signatures.models.rights import may
from signatures.safeguarding.encryption import encrypt
from signatures.safeguarding.name_review import must_wait

ENTERED_ALREADY = gettext_lazy("This sheet was entered already: nothing was entered twice.")
NEEDS_DECISION = gettext_lazy(
    "Signatures of this sheet were removed from the count. Only those who may decide on signatures enter it again."
)
# Entering removed paper anew puts aside what was decided about it.
DECIDING = "moderate_signatures"


def locked_sheet(pk: int) -> Sheet:
    """Return a sheet that can be entered, locked, so that nobody else enters it meanwhile.

    :raises Sheet.DoesNotExist: if the data of its signers was erased with it
    :raises ValidationError: if it was entered already, or its petition takes nothing any more
    """
    # The petition first, as whoever erases a campaign does.
    petition_id = Sheet.objects.values_list("petition_id", flat=True).get(pk=pk)
    petition = Petition.objects.select_for_update(no_key=True).get(pk=petition_id)
    check_takes(petition)
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("bundle").get(pk=pk)
    sheet.petition = petition
    if sheet.entered_at is not None and not is_taken_out(sheet):
        raise ValidationError(ENTERED_ALREADY, code="entered")
    return sheet


def check_takes(petition: Petition) -> None:
    """Refuse paper for a petition that is no petition yet, or whose signers' data was erased.

    Paper that was signed in time may come after the petition has closed.

    :raises ValidationError: if that is so
    """
    if petition.purged_at is not None:
        raise ValidationError(_("The personal data of its signers was erased already."))
    if petition.status == PetitionStatus.DRAFT:
        raise ValidationError(_("Publish the petition first: paper is signed under a published text."))


def is_taken_out(sheet: Sheet) -> bool:
    """Return whether a sheet was entered, and every signature of it was removed or is gone."""
    return not signatures_of(sheet.rows.all()).exclude(state=SignatureState.REMOVED).exists()


def may_enter_again(sheet: Sheet, actor: Organiser) -> bool:
    """Return whether nothing of a sheet was removed by a decision, or this person may decide otherwise."""
    removed = signatures_of(sheet.rows.all()).filter(state=SignatureState.REMOVED)
    return may(actor, DECIDING, sheet.petition_id) or not removed.exists()


def erased_lines(sheet: Sheet) -> list[int]:
    """Return the lines whose signatures were erased at their signers' request: they are not entered again."""
    return list(sheet.rows.filter(was_erased=True).order_by("line").values_list("line", flat=True))


def check_again(sheet: Sheet, rows: Sequence[TypedRow], *, actor: Organiser) -> None:
    """Refuse what somebody has decided to take out of the list, on a sheet that is entered again.

    :raises ValidationError: if a line was erased at its signer's request, or this person may not put decisions aside
    """
    if not may_enter_again(sheet, actor):
        raise ValidationError(NEEDS_DECISION, code="removed")
    erased = sorted(set(erased_lines(sheet)) & {row.line for row in rows})
    if erased:
        sentence = ngettext(
            "Row %(rows)s was erased at its signer’s request. Enter the paper without it.",
            "Rows %(rows)s were erased at their signers’ request. Enter the paper without them.",
            len(erased),
        )
        raise ValidationError(sentence % {"rows": ", ".join(map(str, erased))}, code="erased")


def store_rows(sheet: Sheet, rows: Sequence[TypedRow], *, actor: Organiser, place: str | None = None) -> None:
    """Store the signatures of a locked sheet, and count them.

    What was entered from it before, and removed since, is erased: else it could be counted again beside these.

    :param rows: none twice on one line
    :param place: where the paper lies, if the names were not typed
    :raises ValidationError: if one of those that were removed counts again by now, a line was erased at its signer's
        request, or this person may not put aside what was decided
    """
    _erase_earlier(sheet, rows, actor)
    stored = Signature.objects.bulk_create(_signature(sheet, row) for row in rows)
    EnteredRow.objects.bulk_create(
        EnteredRow(sheet=sheet, line=row.line, signature_id=signature.pk)
        for row, signature in zip(rows, stored, strict=True)
    )
    counted = Counter(Dimensions.of(signature) for signature in stored)
    events = [Event(TallyKind.CONFIRMED, dimensions, amount=amount) for dimensions, amount in counted.items()]
    write_tally(sheet.petition_id, events)
    sheet.entered_by, sheet.entered_at, sheet.amount = actor, TransactionNow(), len(rows)
    sheet.is_bare, sheet.place_encrypted = place is not None, None if place is None else encrypt(place)
    sheet.save(update_fields=["entered_by", "entered_at", "amount", "is_bare", "place_encrypted"])
    sheet.typings.all().delete()
    auditing.record(
        actor=actor,
        action=AuditAction.SHEET_ENTERED,
        petition=sheet.petition,
        target=sheet.bundle_id,
        amount=len(rows),
        details={"sheet": sheet.number, "with_names": sum(row.name is not None for row in rows)},
    )


def _erase_earlier(sheet: Sheet, rows: Sequence[TypedRow], actor: Organiser) -> None:
    # Locked, since undoing a rule may let them count again at this moment.
    earlier = signatures_of(sheet.rows.all()).order_by("pk").select_for_update(of=("self",))
    found = list(earlier.values_list("pk", "state"))
    if any(state != SignatureState.REMOVED for _pk, state in found):
        raise ValidationError(ENTERED_ALREADY, code="entered")
    # Behind the lock: whoever erases one at this moment has marked its line by now.
    check_again(sheet, rows, actor=actor)
    numbers = [pk for pk, _state in found]
    Signature.objects.filter(pk__in=numbers).delete()
    # They are the same people as those who are entered now, and no others for whom a release may wait.
    Movement.objects.filter(signature_id__in=numbers).delete()
    sheet.rows.filter(was_erased=False).delete()


def _signature(sheet: Sheet, row: TypedRow) -> Signature:
    waits = row.name is not None and (sheet.petition.reviews_names or must_wait(row.name, sheet.petition.waiting_words))
    named = row.visibility != Visibility.COUNTED
    return Signature(
        petition_id=sheet.petition_id,
        source=Source.PAPER,
        visibility=row.visibility,
        name=row.name if named else None,
        name_review=NameReview.WAITING if waits else NameReview.OK,
        country=row.country,
        language=sheet.bundle.language,
        text_version_id=sheet.bundle.text_version_id,
    )
