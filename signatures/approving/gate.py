"""The gate that every act passes that waits for a second person; the actions call it, so that no page can forget it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from signatures.approving.second_person import may_still, ties
from signatures.models import Approval, AuditEntry, Organiser, Petition
from signatures.models.approval import HOLDS_FOR, ApprovalQuerySet
from signatures.models.choices import ApprovalKind, AuditAction, BatchAction
from signatures.models.clock import lately

# In the details of the act's own entry in the audit log.
APPROVAL = "approval"
REMOVED = "removed"


@dataclass(frozen=True)
class Act:
    """What is to be done, exactly.

    :param what: its parameters: codes, numbers of rows, times; nothing personal
    :param target: the row that it is about, if it is one
    :param amount: how many names or signatures it is about now
    """

    petition_id: int
    kind: ApprovalKind
    what: Mapping[str, Any]
    reason: str = ""
    target: int | None = None
    amount: int | None = None

    @property
    def canonical(self) -> str:
        """Return the parameters, with the reason, as canonical JSON."""
        whole = {"what": dict(self.what), "reason": self.reason}
        return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """Return the digest by which two acts are the same."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


class NeedsApprovalError(Exception):
    """A second person must agree to this act first."""

    def __init__(self, act: Act) -> None:
        """Keep the act, so that a page can ask for it."""
        super().__init__(act.kind.value)
        self.act = act


def asks_for_two(petition_id: int, actor: Organiser | None) -> bool:
    """Return whether acts in a petition wait for a second person; those of commands and the worker never do."""
    return actor is not None and Petition.objects.filter(pk=petition_id, four_eyes=True).exists()


def require_approval(
    *,
    petition_id: int,
    kind: ApprovalKind,
    what: Mapping[str, Any],
    actor: Organiser | None,
    reason: str = "",
    target: int | None = None,
    amount: Callable[[], int | None] = lambda: None,
) -> dict[str, int]:
    """Use up the agreement of a second person to exactly this act, in the caller's transaction.

    One that is there is used up also where nobody is asked any more, so that it is never used again later.

    :param actor: the organiser who acts; None for a command or the worker, which nothing is asked of
    :param amount: tells how many names or signatures it is about now; asked only if somebody has to agree first
    :returns: details for the act's entry in the audit log; empty where no second person is asked for
    :raises NeedsApprovalError: if nobody has agreed to it, or not lately, or who did has lost the right since
    :raises PermissionDenied: if the actor has lost the right
    """
    act = Act(petition_id, kind, what, reason, target)
    asks = asks_for_two(petition_id, actor)
    if actor is not None and asks and not may_still(actor.pk, kind, petition_id):
        raise PermissionDenied
    used = use_up(act, actor)
    if asks and not used:
        raise NeedsApprovalError(replace(act, amount=amount()))
    return used


def check_approval(*, act: Act, actor: Organiser | None, amount: Callable[[], int | None]) -> None:
    """Ask beforehand what ``require_approval`` will ask, without using anything up or locking a row.

    :raises NeedsApprovalError: if a second person must agree first
    :raises PermissionDenied: if the actor has lost the right
    """
    if actor is None or not asks_for_two(act.petition_id, actor):
        return
    if not may_still(actor.pk, act.kind, act.petition_id):
        raise PermissionDenied
    if not any(_holds(approval, act, ties(actor)) for approval in _agreed(act, actor)):
        raise NeedsApprovalError(replace(act, amount=amount()))


def use_up(act: Act, actor: Organiser | None) -> dict[str, int]:
    """Use up an agreement to exactly this act if there is one, in the caller's transaction.

    :returns: details for the act's entry in the audit log; empty if there is none
    """
    if actor is None:
        return {}
    tied = None
    for approval in _agreed(act, actor).select_for_update(of=("self",)).order_by("pk"):
        tied = ties(actor) if tied is None else tied
        if _holds(approval, act, tied):
            Approval.objects.filter(pk=approval.pk).update(used_at=TransactionNow())
            return {APPROVAL: approval.pk}
    return {}


def end_used(approval: Approval) -> None:
    """Let nobody carry out again what was just carried out on the page of its request.

    The act itself uses up an agreement to exactly itself; where nobody is asked any more, it may have differed.
    """
    Approval.objects.usable().filter(pk=approval.pk).update(used_at=TransactionNow())


def removed_alone(petition_id: int, actor: Organiser) -> int:
    """Return how many signatures somebody has removed within a day without a second person.

    One by one, by rules, and by undoing rules: otherwise many small ones would do what one large rule may not.
    """
    alone = AuditEntry.objects.filter(lately("at", HOLDS_FOR), petition=petition_id, actor=actor)
    rules = Q(action=AuditAction.BATCH_STARTED) & ~Q(details__has_key=APPROVAL)
    removals = Q(action=AuditAction.SIGNATURE_REMOVED) | (rules & Q(details__action=BatchAction.REMOVE))
    # Undoing removes only some of the signatures that it is about.
    removed = Cast(KeyTextTransform(REMOVED, "details"), BigIntegerField())
    found = alone.filter(removals | (rules & Q(details__has_key=REMOVED))).aggregate(
        one=Sum("amount", filter=removals), other=Sum(removed, filter=~removals)
    )
    return (found["one"] or 0) + (found["other"] or 0)


def _agreed(act: Act, actor: Organiser) -> ApprovalQuerySet:
    found: ApprovalQuerySet = Approval.objects.usable().filter(
        petition=act.petition_id, kind=act.kind, digest=act.digest, asked_by=actor.pk
    )
    return found


def _holds(approval: Approval, act: Act, tied: Mapping[int, AuditAction | None]) -> bool:
    """Return whether who has agreed could still do so."""
    decided_by = approval.decided_by_id
    return decided_by is not None and decided_by not in tied and may_still(decided_by, act.kind, act.petition_id)
