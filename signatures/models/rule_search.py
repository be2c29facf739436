"""Finds the signatures that a rule may be about without reading a list of any length."""

from __future__ import annotations

from datetime import UTC

from signatures.models.choices import SignatureState
from signatures.models.rule import Rule
from signatures.models.signature import NOT_COUNTED, Signature, SignatureQuerySet


def near(rule: Rule) -> SignatureQuerySet:
    """Return those that meet the one condition of a rule that is quickest to look up; all that match are among them.

    Signatures of other petitions may be, too.
    """
    rows: SignatureQuerySet = Signature.objects.all()
    if rule.signature_ids is not None:
        return rows.filter(pk__in=rule.signature_ids)
    if rule.domain_key is not None:
        return rows.filter(petition_id=rule.petition_id, domain_key=rule.domain_key)
    if rule.state in NOT_COUNTED:
        return rows.filter(petition_id=rule.petition_id, state=rule.state)
    days = {
        lookup: instant.astimezone(UTC).date()
        for lookup, instant in (("signed_on__gte", rule.since), ("signed_on__lte", rule.until))
        if instant is not None
    }
    return rows.filter(**days) if days else rows.filter(petition_id=rule.petition_id)


def first_and_last_id(petition_id: int) -> tuple[int, int]:
    """Return the lowest and the highest number of a petition's signatures; (1, 0) if there are none."""
    # By state, since the index is.
    of_state = [Signature.objects.filter(petition_id=petition_id, state=state) for state in SignatureState]
    ends = [rows.order_by(order).values_list("pk", flat=True)[:1] for rows in of_state for order in ("pk", "-pk")]
    found = list(ends[0].union(*ends[1:], all=True))
    return (min(found), max(found)) if found else (1, 0)
