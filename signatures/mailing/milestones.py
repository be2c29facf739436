"""Notices when a petition passes a round number of signatures or its goal, each once."""

from __future__ import annotations

from django.db import transaction

from signatures.counting.progress import milestone_at
from signatures.counting.published import published_counts
from signatures.mailing.alerting import alert_milestone
from signatures.models import Milestone, Petition, TextVersion
from signatures.models.choices import PetitionStatus


def tell_milestones() -> int:
    """Compare the published count of each open petition with the highest so far; return how many passed a milestone.

    The published one, so that whoever reads the mailbox learns nothing that is not on the petition's page. A petition
    that is seen for the first time tells nothing: it may have passed its milestones long ago.
    """
    versions = TextVersion.objects.all().newest_of_public()
    open_now = versions.filter(petition__status=PetitionStatus.OPEN, petition__purged_at__isnull=True)
    counts = published_counts({version.petition_id: version.rules for version in open_now})
    goals = dict(Petition.objects.filter(pk__in=counts).values_list("pk", "goal"))
    known = dict(Milestone.objects.filter(petition__in=goals).values_list("petition_id", "highest"))
    new = [Milestone(petition_id=pk, highest=counts[pk] or 0) for pk in goals if pk not in known]
    Milestone.objects.bulk_create(new, ignore_conflicts=True)
    grown = {pk: count for pk, count in counts.items() if count is not None and count > known.get(pk, count)}
    return sum(_pass(pk, count, goals[pk]) for pk, count in sorted(grown.items()))


def _pass(petition_id: int, count: int, goal: int | None) -> bool:
    with transaction.atomic():
        row = Milestone.objects.select_for_update().get(petition=petition_id)
        milestone, before = milestone_at(count, goal), row.highest
        if count <= before:
            # Another worker was faster.
            return False
        row.highest = count
        row.save(update_fields=["highest"])
        if milestone <= before:
            return False
        alert_milestone(petition_id, milestone)
        return True
