"""What shows that a campaign lives: the next step to reach, and where signers live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db.models import DateField
from django.utils.translation import gettext as _

from signatures.counting.merging import OTHERS, merge_small
from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.models.clock import UtcDay
from signatures.safeguarding.countries import country_names

FIRST_STEPS = (100, 250, 500)


@dataclass(frozen=True)
class CountryLine:
    """How many signers live in a country.

    :param percent: of all that are shown, 0 to 100
    """

    name: str
    count: int
    percent: int


@dataclass(frozen=True)
class Progress:
    """What is shown beside the count.

    :param goal: the next step, or None where no more signatures are taken
    :param countries: as of the last closed day, the largest first, small ones merged
    :param as_of: that day, in UTC
    """

    goal: int | None
    countries: list[CountryLine]
    as_of: date


def next_goal(count: int, wish: int | None) -> int:
    """Return the next round number above the count; the organisers' own goal, where that is nearer.

    :param wish: the organisers' goal, if they have set one
    """
    steps = list(FIRST_STEPS)
    while steps[-1] <= count:
        steps = [step * 10 for step in steps]
    step = next(step for step in steps if step > count)
    return min(step, wish) if wish is not None and wish > count else step


def progress_of(petition: Petition, language: str, count: int, *, is_open: bool) -> Progress:
    """Return what shows that a petition lives."""
    cells = {code: amount for (code,), amount in petition.tallies.all().closed_days().count_by("country").items()}
    merged = merge_small(cells)
    names, total = country_names(language), sum(merged.values())
    lines = [
        CountryLine(_("Other countries") if code == OTHERS else names.get(code, code), n, round(100 * n / total))
        for code, n in merged.items()
    ]
    return Progress(
        goal=next_goal(count, petition.goal) if is_open and petition.status == PetitionStatus.OPEN else None,
        countries=lines,
        as_of=last_closed_day(),
    )


def last_closed_day() -> date:
    """Return yesterday in UTC, by the database's clock."""
    today: date = (
        Petition.objects.annotate(today=UtcDay(TransactionNow(), output_field=DateField()))
        .values_list("today", flat=True)[:1]
        .get()
    )
    return today - timedelta(days=1)
