"""Decisions on many names and reasons at once: what everyone may see, what nobody shall, and taking it back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction

from signatures import auditing
from signatures.models import AuditEntry, Organiser, Petition, Signature
from signatures.models.choices import AuditAction, NameReview
from signatures.models.signature import SignatureQuerySet

NAME_ACTIONS = {
    NameReview.OK: AuditAction.NAMES_SHOWN,
    NameReview.HIDDEN: AuditAction.NAMES_HIDDEN,
    NameReview.WAITING: AuditAction.NAMES_WAITING,
}
CAN_BE_TAKEN_BACK = (AuditAction.NAMES_SHOWN, AuditAction.NAMES_HIDDEN, AuditAction.REASON_APPROVED)
# The key in the details of an audit entry under which the numbers of the rows stand.
ROWS = "signatures"


@dataclass(frozen=True)
class NameDecision:
    """What an organiser decided on one name.

    :param seen: the name that was read; its signer may have replaced it
    :param was: what held for it when it was read; somebody else may have decided since
    """

    seen: str
    to: NameReview
    was: NameReview = NameReview.WAITING


@dataclass(frozen=True)
class Reviewed:
    """What came of a page of decisions.

    :param entries: the primary keys of the audit entries, by which it can be taken back
    :param decided: how many decisions were carried out
    :param late: how many were not, since their signers or another organiser were faster
    """

    entries: list[int]
    decided: int
    late: int


def decide_names(*, petition: Petition, decisions: Mapping[int, NameDecision], actor: Organiser) -> Reviewed:
    """Let names be shown to everyone, hide them, or let them wait, each only if it still is the one that was read.

    :param decisions: by the primary key of the signature
    """
    asked = {pk: decision for pk, decision in decisions.items() if decision.to != decision.was}
    with transaction.atomic():
        rows: dict[NameReview, list[int]] = {}
        for signature in _locked(petition, asked):
            decision = asked[signature.pk]
            if (signature.name, signature.name_review) == (decision.seen, decision.was):
                rows.setdefault(decision.to, []).append(signature.pk)
        for to, pks in rows.items():
            Signature.objects.filter(pk__in=pks).update(name_review=to)
        return _reviewed(petition, {NAME_ACTIONS[to]: pks for to, pks in rows.items()}, len(asked), actor)


def decide_reasons(
    *, petition: Petition, show: Mapping[int, str], erase: Mapping[int, str], actor: Organiser
) -> Reviewed:
    """Show reasons beside their names, and erase others for good, each only if it still is the one that was read.

    :param show: the reasons that were read, by the primary key of the signature; ``erase`` likewise
    """
    with transaction.atomic():
        locked = [signature for signature in _locked(petition, {**show, **erase}) if signature.reason is not None]
        waiting = [signature for signature in locked if not signature.reason_approved]
        shown = [one.pk for one in waiting if one.reason == show.get(one.pk)]
        erased = [one.pk for one in waiting if one.reason == erase.get(one.pk)]
        Signature.objects.filter(pk__in=shown).update(reason_approved=True)
        Signature.objects.filter(pk__in=erased).update(reason=None)
        rows = {AuditAction.REASON_APPROVED: shown, AuditAction.REASON_ERASED: erased}
        return _reviewed(petition, rows, len({**show, **erase}), actor)


def take_back(*, petition: Petition, entries: Collection[int], actor: Organiser) -> int:
    """Let names and reasons wait again that this organiser decided on, and return how many; erased reasons are gone.

    What was decided anew since stays as it is.

    :param entries: the primary keys of the audit entries of those decisions
    """
    with transaction.atomic():
        names: list[int] = []
        reasons: list[int] = []
        for entry in decisions_of(petition, entries, actor):
            locked = _locked(petition, entry.details[ROWS])
            if entry.action == AuditAction.REASON_APPROVED:
                reasons += [signature.pk for signature in locked if signature.reason_approved]
            else:
                decided = {review for review, action in NAME_ACTIONS.items() if action == entry.action}
                names += [signature.pk for signature in locked if signature.name_review in decided]
        Signature.objects.filter(pk__in=names).update(name_review=NameReview.WAITING)
        Signature.objects.filter(pk__in=reasons).update(reason_approved=False)
        for pks in (names, reasons):
            _record(petition, AuditAction.NAMES_WAITING, pks, actor)
    return len(names) + len(reasons)


def decisions_of(petition: Petition, entries: Collection[int], actor: Organiser) -> list[AuditEntry]:
    """Return those of the audit entries that are this organiser's decisions on many names or reasons."""
    actions = [*CAN_BE_TAKEN_BACK, AuditAction.REASON_ERASED]
    found = AuditEntry.objects.filter(pk__in=entries, petition=petition, actor=actor, action__in=actions)
    return list(found.filter(details__has_key=ROWS).order_by("pk"))


def _locked(petition: Petition, pks: Collection[int]) -> SignatureQuerySet:
    # In one order, so that two organisers who decide at once wait for each other.
    rows: SignatureQuerySet = Signature.objects.select_for_update().filter(petition=petition, pk__in=list(pks))
    return rows.order_by("pk")


def _reviewed(petition: Petition, rows: Mapping[AuditAction, list[int]], asked: int, actor: Organiser) -> Reviewed:
    entries = [entry.pk for action, pks in rows.items() if (entry := _record(petition, action, pks, actor))]
    decided = sum(map(len, rows.values()))
    return Reviewed(entries, decided, asked - decided)


def _record(petition: Petition, action: AuditAction, pks: list[int], actor: Organiser) -> AuditEntry | None:
    if not pks:
        return None
    return auditing.record(actor=actor, action=action, petition=petition, amount=len(pks), details={ROWS: pks})
