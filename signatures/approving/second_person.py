"""Who can be the second person: whoever has the same right in the petition, and is not in the first one's hands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, F, Q, QuerySet, Value

from signatures.models import AuditEntry, Organiser
from signatures.models.access_link import LIFETIMES, LinkKind
from signatures.models.choices import ApprovalKind, AuditAction
from signatures.models.clock import lately
from signatures.models.rights import may, organisers_with

# Who has done one of these to an account may be the one who uses it. In a small team one person adds all the others, so
# that this cannot hold for ever; a season is long enough for an account that nobody knows to be seen in the list of
# accounts, on the page of the request and in the audit log.
TIED_FOR = timedelta(days=90)
TYING = (
    AuditAction.ACCOUNT_ADDED,
    AuditAction.ACCOUNT_OPENED,
    AuditAction.RIGHTS_GIVEN,
    AuditAction.LINK_MADE,
    AuditAction.PASSWORD_CHANGED,
    AuditAction.FACTOR_REMOVED,
)

# Where a third account has done such things to both, it can hold both, and neither of the two appears in the other's
# entries; nor do they where one holds the other by way of a third. An act that takes an account over is rare, and ties
# as long. Adding somebody is what the administrator of a small team does with all the others: it ties as long as an
# invitation can be opened; after that it is told and kept that one person has added both.
TAKEN_OVER = Q(action__in=(AuditAction.ACCOUNT_OPENED, AuditAction.PASSWORD_CHANGED, AuditAction.FACTOR_REMOVED)) | Q(
    action=AuditAction.LINK_MADE, details__link=LinkKind.RESET
)
LET_IN = TAKEN_OVER | Q(action=AuditAction.ACCOUNT_ADDED)
NEW_FOR = LIFETIMES[LinkKind.INVITATION]


def ties(organiser: Organiser) -> dict[int, AuditAction | None]:
    """Return what ties other accounts to this one: by account, what one of the two did to the other lately.

    None stands for what was done by a third account, or to one.
    """
    found: dict[int, AuditAction | None] = {}
    pk, done = organiser.pk, _lately_done()
    taken_over, new = done.filter(TAKEN_OVER), done.filter(LET_IN, lately("at", NEW_FOR))
    between = done.filter(action__in=TYING)
    rows = _told(between.filter(actor=pk), "target").union(
        _told(between.filter(target=pk), "actor"),
        *(_told(_by_the_same(pk, some), "target", third=True) for some in (taken_over, new)),
        *(_told(_by_those_held(pk, some), "target", third=True) for some in (taken_over, new)),
        *(_told(_to_those_holding(pk, some), "actor", third=True) for some in (taken_over, new)),
    )
    for _pk, other, action, third in rows.order_by("id"):
        if not third:
            found[other] = AuditAction(action)
        elif other != pk:
            found.setdefault(other, None)
    return found


def who_let_in(one: int, other: int) -> Organiser | None:
    """Return who has lately given access to both of two accounts, by adding them or anew, or None."""
    rows = _by_the_same(one, _lately_done().filter(LET_IN)).filter(target=other).select_related("actor")
    found = rows.order_by("-pk").first()
    return found.actor if found is not None else None


def _lately_done() -> QuerySet[AuditEntry]:
    """Return what somebody has done lately, to anything but their own account; commands tie nobody."""
    return AuditEntry.objects.filter(lately("at", TIED_FOR), actor__isnull=False, target__isnull=False).exclude(
        actor=F("target")
    )


def _by_the_same(account: int, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Keep what was done to others by those who did something of the same to an account."""
    return rows.filter(actor__in=rows.filter(target=account).values("actor")).exclude(target=account)


def _by_those_held(account: int, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Keep what was done by those to whom an account did something of the same."""
    return rows.filter(actor__in=rows.filter(actor=account).values("target"))


def _to_those_holding(account: int, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Keep what was done to those who did something of the same to an account."""
    return rows.filter(target__in=rows.filter(target=account).values("actor"))


def _told(rows: QuerySet[AuditEntry], other: str, *, third: bool = False) -> QuerySet[AuditEntry, tuple[Any, ...]]:
    """Return of each entry its number, the other account, what was done, and whether a third account is between."""
    told = rows.annotate(other=F(other), through=Value(third, output_field=BooleanField()))
    return told.values_list("id", "other", "action", "through")


def second_persons(asker: Organiser, kind: ApprovalKind, petition_id: int) -> list[Organiser]:
    """Return the accounts that could agree to an act of this one."""
    tied = ties(asker)
    there = organisers_with(kind.permission, petition_id).exclude(pk=asker.pk).order_by("pk")
    return [one for one in there if one.pk not in tied]


def may_still(pk: int, kind: ApprovalKind, petition_id: int) -> bool:
    """Return whether an account, as it is stored now, can log in and has the right that a kind of act needs."""
    organiser = Organiser.objects.filter(pk=pk, is_active=True, is_staff=True).first()
    return organiser is not None and may(organiser, kind.permission, petition_id)


def kinds_without_a_second(petition_id: int, kinds: Iterable[ApprovalKind] = ApprovalKind) -> list[ApprovalKind]:
    """Return the kinds of acts that fewer than two accounts have the right to, so that nobody could agree."""
    amounts = {kind.permission: organisers_with(kind.permission, petition_id).count() for kind in kinds}
    return [kind for kind in kinds if amounts[kind.permission] < 2]  # noqa: PLR2004 - two pairs of eyes
