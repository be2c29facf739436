"""Reads the exact numbers of a petition at one moment, from which a release is planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from signatures.counting.figures import FORMS, Truth, text_cell
from signatures.models import Movement, Petition, TextVersion
from signatures.models.choices import COUNT_DOWN, COUNT_UP, Source, TallyKind
from signatures.models.may_name import NAMED
from signatures.models.tally import DIMENSION_DOWN, DIMENSION_UP

# The ledger's column for each kind of tally row; CONFIRMED rows go by their source.
ENTRIES = {Source.WEB.value: "confirmed", Source.PAPER.value: "paper", Source.IMPORT.value: "imported"}
COLUMNS = {
    TallyKind.WITHDRAWN.value: "withdrawn",
    TallyKind.REMOVED.value: "removed",
    TallyKind.RESTORED.value: "restored",
    TallyKind.CORRECTION.value: "corrected",
}
FORM_KINDS = {
    TallyKind.SUBMITTED.value: "submitted",
    TallyKind.EXPIRED.value: "expired",
}


def read_truth(petition: Petition, newest: TextVersion) -> Truth:
    """Return the numbers in the snapshot of the caller's transaction.

    :param newest: the text version whose protection decides whether names wait for a release
    """
    countries: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    with_name: Counter[bool] = Counter()
    for kind, reason, source, country, language, visibility, amount in petition.tallies.all().by_kind():
        sign = _sign(kind, DIMENSION_UP, DIMENSION_DOWN)
        countries[country] += sign * amount
        languages[language] += sign * amount
        with_name[visibility in NAMED] += sign * amount
        forms[FORM_KINDS.get(kind, "")] += amount
        columns[_column(kind, source)] += _sign(kind, COUNT_UP, COUNT_DOWN) * amount
        if kind == TallyKind.REMOVED:
            reasons[reason] += amount
    moved = Movement.objects.filter(petition=petition)
    shown, pending = _names(petition) if newest.rules.names_wait_for_release else ({}, {})
    return Truth(
        count=sum(columns.values()),
        countries=_cells(countries),
        languages=_cells(languages),
        texts=_cells(_texts(petition, newest, with_name)),
        columns=_cells({name: amount for name, amount in columns.items() if name}),
        withdrawn=moved.withdrawn(),
        changed=moved.changed(),
        reasons=_cells(reasons),
        forms={name: forms[name] for name in FORMS},
        shown=shown,
        pending=pending,
    )


def _sign(kind: str, up: Iterable[str], down: Iterable[str]) -> int:
    return 1 if kind in up else -1 if kind in down else 0


def _column(kind: str, source: str) -> str:
    return ENTRIES[source] if kind == TallyKind.CONFIRMED else COLUMNS.get(kind, "")


def _cells(amounts: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}


def _texts(petition: Petition, newest: TextVersion, with_name: Mapping[bool, int]) -> dict[str, int]:
    """Return how many signed each text version, with a name and without, by text_cell."""
    if newest.number == 1:
        # The tally has these numbers, which saves reading a million signatures.
        return {text_cell(1, is_named=is_named): amount for is_named, amount in with_name.items()}
    numbers = dict(petition.text_versions.values_list("pk", "number"))
    texts: Counter[str] = Counter()
    for version_id, is_named, amount in petition.signatures.all().confirmed().by_version_and_naming():
        texts[text_cell(numbers[version_id], is_named=is_named)] += amount
    return dict(texts)


def _names(petition: Petition) -> tuple[dict[str, int], dict[str, int]]:
    """Return, by country, how many names are listed publicly and how many wait to be."""
    shown: dict[str, int] = {}
    pending: dict[str, int] = {}
    for country, is_listed, amount in petition.signatures.all().names_by_country():
        (shown if is_listed else pending)[country] = amount
    return shown, pending
