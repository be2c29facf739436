"""Reads a sample of the newest signatures of a petition, whose size does not depend on that of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, models
from django.db.models import Case, F, Func, Max, Min, Sum, Value, When

from signatures.models import HourTally, Petition, Signature
from signatures.models.choices import SignatureState, Source, StateReason, TallyKind, WaveKind
from signatures.models.rule import NAME_PATTERN_LENGTH_MAX
from signatures.models.signature import DOMAIN_MARK_LIFETIME
from signatures.moderating.standing_out import Row, Trait

# Those of ten minutes in history's hardest hour. Of those that are held fewer are enough to see that it goes on.
SAMPLE = {SignatureState.CONFIRMED: 20_000, SignatureState.HELD: 5_000}
# Whatever an index holds of one domain, reading on tells nothing more.
OF_DOMAIN_MAX = 1000
# Of all states, and without reading a signature: the index by state ends with the number.
NEWEST = """
SELECT petition.id, greatest(
    (SELECT max(id) FROM signatures_signature WHERE petition_id = petition.id AND state = 'CONFIRMED'),
    (SELECT max(id) FROM signatures_signature WHERE petition_id = petition.id AND state = 'HELD'))
FROM signatures_petition AS petition WHERE status <> 'DRAFT' AND purged_at IS NULL
"""
FOLD = Func(F("name"), Value(value=True), function="signatures_folded", output_field=models.TextField())
# Old ones are left out anyway.
FOLDED = Case(When(last_confirmed_at__gt=TransactionNow() - DOMAIN_MARK_LIFETIME, then=FOLD), default=None)
COLUMNS = (
    "source",
    "pk",
    "domain_key",
    "folded",
    "country",
    "language",
    "text_version_id",
    "state_reason",
    "last_confirmed_at",
)


def newest_signatures() -> dict[int, int]:
    """Return the highest number of a signature that counts or is held, by petition."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        return {petition: newest for petition, newest in cursor.fetchall() if newest is not None}


def sample_of(petition: Petition, now: datetime) -> list[Row]:
    """Return the newest signatures that count or are held, of the last thirty days, newest first."""
    newest_version = petition.text_versions.order_by("-number").values_list("pk", flat=True).first()
    rows = []
    for state, amount in SAMPLE.items():
        # By the index; the age is looked at here, or else a list without new ones would be read to its end.
        newest = Signature.objects.filter(petition=petition, state=state).order_by("-pk").annotate(folded=FOLDED)
        # An evening of typing sheets is no wave. What organisers brought in is left out here, beside the index.
        found = newest.values_list(*COLUMNS)[:amount]
        rows += [_row(values, newest_version) for source, *values in found if source == Source.WEB]
    return sorted((row for row in rows if row.at > now - DOMAIN_MARK_LIFETIME), key=lambda row: -row.pk)


def _row(values: Sequence[object], newest_version: int | None) -> Row:
    pk, domain, folded, country, language, version, reason, at = values
    traits: dict[WaveKind, Trait] = {WaveKind.COUNTRY: str(country), WaveKind.LANGUAGE: str(language)}
    if isinstance(domain, (bytes, memoryview)):
        traits[WaveKind.DOMAIN] = bytes(domain)
    if isinstance(folded, str) and (words := name_of(folded)):
        traits[WaveKind.NAME] = words
    if reason == StateReason.HONEYPOT:
        traits[WaveKind.TRAP] = StateReason.HONEYPOT.value
    # A new text is soon everybody's; it is an old one that few people can still sign.
    if isinstance(version, int) and version != newest_version:
        traits[WaveKind.VERSION] = version
    if not isinstance(pk, int) or not isinstance(at, datetime):
        raise TypeError
    return Row(pk, at, traits, is_past=reason in (None, StateReason.HONEYPOT))


def name_of(folded: str) -> str:
    """Return the words of a name as the search folds them, in one order, and without what joins them."""
    return " ".join(sorted(re.findall(r"\w+", folded)))[:NAME_PATTERN_LENGTH_MAX]


def span_of_domain(petition: Petition, mark: bytes) -> tuple[int, datetime, datetime]:
    """Return how many signatures have a domain mark, at most a thousand, and when these were confirmed."""
    newest = Signature.objects.filter(petition=petition, domain_key=mark)[:OF_DOMAIN_MAX]
    times = newest.aggregate(amount=models.Count("pk"), first=Min("last_confirmed_at"), last=Max("last_confirmed_at"))
    return times["amount"], times["first"], times["last"]


def confirmed_by_hour(petition: Petition, time: timedelta) -> Iterator[tuple[datetime, int]]:
    """Yield how many were confirmed in each hour of the recent past in which anybody was.

    After a clock was set back there are hours to come, too: those are left out.
    """
    past = {"hour__gt": TransactionNow() - time, "hour__lte": TransactionNow()}
    hours = HourTally.objects.filter(petition=petition, kind=TallyKind.CONFIRMED, **past)
    yield from hours.values_list("hour").annotate(amount=Sum("amount")).order_by("hour")
