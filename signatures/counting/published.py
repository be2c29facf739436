"""The public numbers of a petition, all from one release; only the count of an ordinary petition is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from signatures.counting.figures import Figures, from_json
from signatures.models import Petition, Release
from signatures.models.protection import ProtectionRules


@dataclass(frozen=True)
class PublishedNumbers:
    """The public numbers of a petition.

    :param count: signatures that count, or None while pages only say that there are fewer than ten
    :param figures: of the newest release
    :param as_of: when that release was made, or None before the first
    """

    count: int | None
    figures: Figures
    as_of: datetime | None


def published_numbers(petition: Petition, rules: ProtectionRules) -> PublishedNumbers:
    """Return the numbers of the newest release, with the live count if the protection allows it."""
    release = Release.objects.filter(petition=petition).newest()
    figures = figures_of(release)
    count = live_count(petition) if rules.count_is_live else figures.count or None
    return PublishedNumbers(count, figures, release.made_at if release is not None else None)


def live_count(petition: Petition) -> int:
    """Return the exact current count, which may be published for ordinary petitions only."""
    count: int = Petition.objects.with_count().values_list("exact_count", flat=True).get(pk=petition.pk)
    return count


def published_counts(rules: Mapping[int, ProtectionRules]) -> dict[int, int | None]:
    """Return the count that ``published_numbers`` gives, for many petitions in two statements.

    :param rules: of each petition's newest text, by the petition's row number
    """
    newest = Release.objects.filter(petition=OuterRef("pk")).order_by("-number").values("figures__count")[:1]
    counts: dict[int, int | None] = {
        pk: count or None for pk, count in Petition.objects.filter(pk__in=rules).values_list("pk", Subquery(newest))
    }
    live = Petition.objects.filter(pk__in=[pk for pk, rule in rules.items() if rule.count_is_live])
    return counts | dict(live.with_count().values_list("pk", "exact_count"))


def figures_of(release: Release | None) -> Figures:
    """Return the figures of a release, or empty ones before the first release."""
    return from_json(release.figures) if release is not None else Figures()
