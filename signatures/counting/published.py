"""The numbers of a petition that anyone may read, all of one release; only an ordinary petition's count is live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signatures.counting.figures import Figures, from_json
from signatures.models import Petition, Release
from signatures.models.protection import ProtectionRules


@dataclass(frozen=True)
class PublishedNumbers:
    """What anyone may read.

    :param count: signatures that count, or None while it is only said that they are fewer than ten
    :param figures: of the newest release
    :param as_of: when that was made, or None before the first
    """

    count: int | None
    figures: Figures
    as_of: datetime | None


def published_numbers(petition: Petition, rules: ProtectionRules) -> PublishedNumbers:
    """Return the numbers of the newest release, and the live count where the protection allows it."""
    release = Release.objects.filter(petition=petition).newest()
    figures = figures_of(release)
    count = petition.tallies.all().count_signatures() if rules.count_is_live else figures.count or None
    return PublishedNumbers(count, figures, release.made_at if release is not None else None)


def figures_of(release: Release | None) -> Figures:
    """Return what a release published; nothing before the first."""
    return from_json(release.figures) if release is not None else Figures()
