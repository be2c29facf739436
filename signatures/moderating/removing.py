"""How many signatures one person may remove within a day where a petition asks for two."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from signatures.approving.gate import REMOVED, Act, asks_for_two, removed_alone, require_approval, use_up
from signatures.models import Batch, Organiser, Petition
from signatures.models.choices import ApprovalKind, SignatureState, StateReason

# With the number of the petition, so that two tabs of one person are added up.
REMOVING_LOCK = 7301005


def agreed_to_remove(batch: Batch, reason: StateReason | None, actor: Organiser) -> dict[str, int]:
    """Use up the agreement to a rule that removes, if one is needed, and return what the log says of it.

    :raises ValidationError: if the rule was counted before two people were asked for
    :raises NeedsApprovalError: if a second person must agree first
    """
    asks = asks_for_two(batch.petition_id, actor)
    if asks and not batch.keeps_rows:
        raise ValidationError(_("Two people decide since this rule was counted. Press “Change the conditions”."))
    # All that match: those that were removed when they were counted may count again by the time it runs.
    amount = batch.matched
    what = {"rule": batch.pk, "rows": amount, "removed": amount}
    act = Act(batch.petition_id, ApprovalKind.REMOVE, what, reason.value if reason else "", batch.pk, amount)
    return _agreed(act, amount, actor)


def agreed_to_undo(batch: Batch, actor: Organiser) -> dict[str, int]:
    """Use up the agreement to undoing a rule by which signatures are removed again, likewise.

    :raises NeedsApprovalError: if a second person must agree first
    """
    amount = batch.rows.filter(state_before=SignatureState.REMOVED).count()
    if not amount:
        return {}
    what = {"rule": batch.pk, "removed": amount}
    act = Act(batch.petition_id, ApprovalKind.UNDO, what, target=batch.pk, amount=amount)
    # The number is part of what is added up within a day.
    return {REMOVED: amount, **_agreed(act, amount, actor)}


def check_removing_one(petition_id: int, actor: Organiser) -> None:
    """Refuse to remove one signature more than one person may within a day.

    :raises ValidationError: with what can be done instead
    """
    if asks_for_two(petition_id, actor) and _is_too_much(petition_id, 1, actor):
        raise ValidationError(
            _(
                "A second person must agree before you remove more signatures within 24 hours: tick them in the list"
                " and press “Decide on the selected signatures”."
            )
        )


def _agreed(act: Act, amount: int, actor: Organiser) -> dict[str, int]:
    if asks_for_two(act.petition_id, actor) and _is_too_much(act.petition_id, amount, actor):
        return require_approval(
            petition_id=act.petition_id,
            kind=act.kind,
            what=act.what,
            actor=actor,
            reason=act.reason,
            target=act.target,
            amount=lambda: amount,
        )
    # One may do it alone; an agreement to it is used up all the same.
    return use_up(act, actor)


def _is_too_much(petition_id: int, amount: int, actor: Organiser) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::int)", [REMOVING_LOCK, petition_id])
    most: int = Petition.objects.values_list("four_eyes_from", flat=True).get(pk=petition_id)
    return removed_alone(petition_id, actor) + amount > most
