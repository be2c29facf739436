"""The progress of a campaign: its next goal, and the countries of its signers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date

from django.utils.translation import gettext as _

from signatures.counting.figures import OTHERS, published_cells
from signatures.counting.published import PublishedNumbers
from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.safeguarding.countries import country_names

FIRST_STEPS = (100, 250, 500)
# Of large numbers, which pass few of these steps, organisers are told each of these, too.
ROUND = 10_000


@dataclass(frozen=True)
class CountryLine:
    """The number of signers in a country.

    :param percent: of all signers shown, 0 to 100
    """

    name: str
    count: int
    percent: int


@dataclass(frozen=True)
class Progress:
    """What is shown beside the count.

    :param goal: the next goal, or None if no more signatures are accepted
    :param countries: of the newest release, the largest first, the smaller ones combined
    :param as_of: the UTC day of that release, or None before the first
    """

    goal: int | None
    countries: list[CountryLine]
    as_of: date | None


def next_goal(count: int, wish: int | None) -> int:
    """Return the next round number above the count, or the organisers' goal if that is nearer.

    :param wish: the organisers' goal, if they have set one
    """
    steps = list(FIRST_STEPS)
    while steps[-1] <= count:
        steps = [step * 10 for step in steps]
    step = next(step for step in steps if step > count)
    return min(step, wish) if wish is not None and wish > count else step


def milestone_at(count: int, wish: int | None) -> int:
    """Return the largest milestone that a count has reached, or 0: a round number, or the organisers' goal.

    :param wish: the organisers' goal, if they have set one
    """
    reached, steps = [count - count % ROUND], list(FIRST_STEPS)
    while steps[0] <= count:
        reached += [step for step in steps if step <= count]
        steps = [step * 10 for step in steps]
    if wish is not None and wish <= count:
        reached.append(wish)
    return max(reached)


def progress_of(petition: Petition, language: str, numbers: PublishedNumbers, *, is_open: bool) -> Progress:
    """Return a petition's next goal and its signers by country, with names in a language."""
    cells = published_cells(numbers.figures.countries)
    names, total = country_names(language), sum(cells.values())
    lines = [
        CountryLine(_("Other countries") if code == OTHERS else names.get(code, code), n, round(100 * n / total))
        for code, n in cells.items()
    ]
    is_counting = is_open and petition.status == PetitionStatus.OPEN
    return Progress(
        goal=next_goal(numbers.count or 0, petition.goal) if is_counting else None,
        countries=lines,
        as_of=numbers.as_of.astimezone(UTC).date() if numbers.as_of is not None else None,
    )
