"""The exact numbers of a petition at one moment, as a release is planned from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from signatures.counting.figures import FLOWS, Truth
from signatures.models import Petition, TextVersion
from signatures.models.choices import COUNT_DOWN, COUNT_UP, Profile, Source, TallyKind
from signatures.models.signature import NAMED
from signatures.models.tally import DIMENSION_DOWN, DIMENSION_UP
from signatures.models.text_version import TextVersionRecipient

# What each kind of tally row is called in the ledger; confirmed ones by their source.
ENTRIES = {Source.WEB.value: "confirmed", Source.PAPER.value: "paper", Source.IMPORT.value: "imported"}
COLUMNS = {
    TallyKind.WITHDRAWN.value: "withdrawn",
    TallyKind.REMOVED.value: "removed",
    TallyKind.RESTORED.value: "restored",
    TallyKind.CORRECTION.value: "corrected",
}
FLOW_KINDS = {
    TallyKind.SUBMITTED.value: "submitted",
    TallyKind.EXPIRED.value: "expired",
    TallyKind.CHANGED_TO.value: "changed",
}


def read_truth(petition: Petition, newest: TextVersion) -> Truth:
    """Return the numbers as the transaction's snapshot has them.

    :param newest: the text whose protection decides whether names wait for a release
    """
    countries: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    flows: Counter[str] = Counter()
    with_name: Counter[bool] = Counter()
    for kind, reason, source, country, language, visibility, amount in petition.tallies.all().by_kind():
        sign = _sign(kind, DIMENSION_UP, DIMENSION_DOWN)
        countries[country] += sign * amount
        languages[language] += sign * amount
        with_name[visibility in NAMED] += sign * amount
        flows[FLOW_KINDS.get(kind, "")] += amount
        columns[_column(kind, source)] += _sign(kind, COUNT_UP, COUNT_DOWN) * amount
        if kind == TallyKind.REMOVED:
            reasons[reason] += amount
    versions = _versions(petition, newest, with_name)
    shown, pending = _names(petition) if newest.rules.names_wait_for_release else ({}, {})
    return Truth(
        count=sum(columns.values()),
        countries=_cells(countries),
        languages=_cells(languages),
        versions=_cells({str(number): sum(amounts.values()) for number, amounts in versions.items()}),
        named=_named(petition, versions),
        columns=_cells({name: amount for name, amount in columns.items() if name}),
        reasons=_cells(reasons),
        flows={name: flows[name] for name in FLOWS},
        shown=shown,
        pending=pending,
    )


def _sign(kind: str, up: Iterable[str], down: Iterable[str]) -> int:
    return 1 if kind in up else -1 if kind in down else 0


def _column(kind: str, source: str) -> str:
    return ENTRIES[source] if kind == TallyKind.CONFIRMED else COLUMNS.get(kind, "")


def _cells(amounts: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}


def _versions(petition: Petition, newest: TextVersion, with_name: Mapping[bool, int]) -> dict[int, Mapping[bool, int]]:
    """Return how many signed each version with a name and without, by its number."""
    if newest.number == 1:
        # The tally has it, and nobody need read a million signatures.
        return {1: with_name}
    numbers = dict(petition.text_versions.values_list("pk", "number"))
    versions: dict[int, Counter[bool]] = {}
    for version_id, has_name, amount in petition.signatures.all().confirmed().by_version_and_naming():
        versions.setdefault(numbers[version_id], Counter())[has_name] += amount
    return dict(versions)


def _named(petition: Petition, versions: Mapping[int, Mapping[bool, int]]) -> dict[str, int]:
    """Return how many names each recipient may be given that is given names now."""
    shown = TextVersionRecipient.objects.filter(
        version__petition=petition, profile=Profile.NAMES, recipient__profile=Profile.NAMES
    )
    named: Counter[str] = Counter()
    for recipient, number in shown.values_list("recipient_id", "version__number"):
        named[str(recipient)] += versions.get(number, {}).get(True, 0)
    return dict(named)


def _names(petition: Petition) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many names everyone may read, and how many wait for it, by country."""
    shown: dict[str, int] = {}
    pending: dict[str, int] = {}
    for country, is_listed, amount in petition.signatures.all().names_by_country():
        (shown if is_listed else pending)[country] = amount
    return shown, pending
