"""Takes away again what signers and organisers have taken away from signatures since a backup."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.journaling.entries import Entry
from signatures.models import RemovedMark, Signature, Suppression
from signatures.models.choices import NameReview, SignatureState, StateReason, TallyKind, Visibility
from signatures.moderating.deciding import event_of
from signatures.restoring.latest import Rows, other_than_noted

TABLE = "signatures_signature"
STEP = 5_000
# From what shows most to what shows least.
STATES = [SignatureState.CONFIRMED, SignatureState.HELD, SignatureState.REMOVED]
REVIEWS = [NameReview.OK, NameReview.WAITING, NameReview.HIDDEN]
COLUMNS = ("state", "state_reason", "visibility", "name", "city", "reason", "reason_approved", "name_review")
Events = dict[int, Counter[Event]]


def apply_to_signatures(rows: Rows) -> Counter[str]:
    """Erase the signatures that are gone, and lower those that were lowered; write the tally, and return how many.

    Nobody is raised: where the backup shows less than what was noted last, it stays so.

    :param rows: the newest entry about each signature
    """
    done: Counter[str] = Counter()
    numbers = sorted(rows)
    for start in range(0, len(numbers), STEP):
        some = {number: rows[number] for number in numbers[start : start + STEP]}
        done += _apply(other_than_noted(TABLE, some))
    return done


def _apply(rows: Rows) -> Counter[str]:
    done: Counter[str] = Counter()
    events: Events = defaultdict(Counter)
    gone: list[Signature] = []
    lowered: list[Signature] = []
    for signature in Signature.objects.filter(pk__in=rows.keys()).select_for_update(of=("self",)).order_by("pk"):
        entry = rows[signature.pk]
        if entry.is_gone:
            gone.append(signature)
        elif _lower(signature, entry, events[signature.petition_id]):
            lowered.append(signature)
    for signature in gone:
        if signature.state == SignatureState.CONFIRMED:
            events[signature.petition_id][Event(TallyKind.WITHDRAWN, Dimensions.of(signature))] += 1
    RemovedMark.objects.bulk_create(
        [mark for one in gone if (mark := _mark(one, rows[one.pk])) is not None], ignore_conflicts=True
    )
    Signature.objects.filter(pk__in=[one.pk for one in gone]).delete()
    Signature.objects.bulk_update(lowered, COLUMNS, batch_size=500)
    for petition_id, counted in events.items():
        write_tally(petition_id, [_times(event, amount) for event, amount in counted.items()])
    done["withdrawn or erased"] = len(gone)
    done["lowered, held, removed or hidden"] = len(lowered)
    return done


def _times(event: Event, amount: int) -> Event:
    return Event(event.kind, event.dimensions, event.reason, amount)


def _lower(signature: Signature, entry: Entry, events: Counter[Event]) -> bool:
    """Give a signature the lower of what it is and of what was noted last; return whether that changes anything."""
    noted = entry.facts
    before = [getattr(signature, column) for column in COLUMNS]
    dimensions = Dimensions.of(signature)
    visibility = min(Visibility(signature.visibility), Visibility(noted["visibility"]), key=lambda one: one.reach)
    is_replaced = datetime.fromisoformat(noted["last_confirmed_at"]) > signature.last_confirmed_at
    if visibility != Visibility.COUNTED and (is_replaced or not noted["name"]):
        # What the signer has replaced is not shown to anybody again; what replaced it is lost with the days since.
        visibility = Visibility.COUNTED
    signature.visibility = visibility
    if visibility == Visibility.COUNTED:
        signature.name = signature.city = None
    elif not noted["city"]:
        signature.city = None
    if visibility != Visibility.PUBLIC or is_replaced or not noted["reason"]:
        signature.reason, signature.reason_approved = None, False
    elif not noted["reason_approved"]:
        signature.reason_approved = False
    signature.name_review = max(NameReview(signature.name_review), NameReview(noted["name_review"]), key=REVIEWS.index)
    if signature.state == SignatureState.CONFIRMED and visibility != dimensions.visibility:
        events[Event(TallyKind.CHANGED_FROM, dimensions)] += 1
        events[Event(TallyKind.CHANGED_TO, Dimensions.of(signature))] += 1
    state = max(SignatureState(signature.state), SignatureState(noted["state"]), key=STATES.index)
    if state != signature.state:
        reason = StateReason(noted["state_reason"])
        if (event := event_of(signature, state, reason)) is not None:
            events[event] += 1
        signature.state, signature.state_reason = state, reason
    return before != [getattr(signature, column) for column in COLUMNS]


def _mark(signature: Signature, entry: Entry) -> RemovedMark | None:
    """Return the mark that is left of a signature which was withdrawn after organisers had stopped it."""
    # By the stricter of the two: it may have been stopped before the backup, or since.
    state = max(SignatureState(signature.state), SignatureState(entry.facts["state"]), key=STATES.index)
    reason = entry.facts["state_reason"] if entry.facts["state"] == state else signature.state_reason
    is_stopped = state == SignatureState.REMOVED or (state == SignatureState.HELD and reason != StateReason.HONEYPOT)
    if signature.email_key is None or not is_stopped:
        return None
    return RemovedMark(
        petition_id=signature.petition_id, email_key=bytes(signature.email_key), state=state, reason=reason or ""
    )


def apply_suppressions(entries: Iterable[Entry]) -> int:
    """Leave the addresses in peace that have asked for no more mails since, and return how many were missing."""
    keys = {bytes.fromhex(entry.facts["mail_key"]) for entry in entries}
    before = Suppression.objects.count()
    Suppression.objects.bulk_create([Suppression(mail_key=key) for key in sorted(keys)], ignore_conflicts=True)
    return Suppression.objects.count() - before
