"""Milestones are told once each, from what may be known."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from signatures.counting.progress import milestone_at
from signatures.counting.published import live_count
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.mailing.milestones import tell_milestones
from signatures.models import Milestone, Petition
from signatures.models.choices import PetitionStatus, Source, TallyKind
from tests.support import factories
from tests.support.alerts import DAY, GUARDED_SUBJECT, let_alerts_grow_old, switch_on, told
from tests.support.mailbox import Mailbox
from tests.support.releases import release, sign_hidden

pytestmark = pytest.mark.django_db


def count_as(petition: Petition, amount: int) -> None:
    """Make the count of a petition this number, as a repair does."""
    by = amount - live_count(petition)
    write_tally(petition.pk, [Event(TallyKind.CORRECTION, Dimensions(Source.WEB, "LT", "en", "COUNTED"), amount=by)])


@pytest.mark.parametrize(
    ("count", "goal", "milestone"),
    [
        (99, None, 0),
        (100, None, 100),
        (499, None, 250),
        (2499, None, 1000),
        (9999, 7000, 7000),
        (19_999, None, 10_000),
        (20_000, None, 20_000),
        (61_234, 61_000, 61_000),
        (3_004_000, None, 3_000_000),
        (12, 12, 12),
    ],
)
def test_milestones_are_round_numbers_and_the_goal(count: int, goal: int | None, milestone: int) -> None:
    assert milestone_at(count, goal) == milestone


def test_each_milestone_is_told_once_whatever_the_number_does_later(
    ordinary: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    Petition.objects.filter(pk=ordinary.pk).update(goal=120)
    switch_on(organiser, mailbox)
    assert tell_milestones() == 0
    subjects = []
    for count in (60, 99, 101, 99, 100, 119, 121, 90, 130, 249, 260, 240, 250, 9000, 10_000, 9_999, 20_001, 19_000):
        count_as(ordinary, count)
        tell_milestones()
        tell_milestones()
        subjects += [mail["Subject"].split()[0] for mail in told(mailbox)]
        let_alerts_grow_old(DAY)
    assert subjects == ["100", "120", "250", "5,000", "10,000", "20,000"]
    # A goal that was passed long ago is no news.
    Petition.objects.filter(pk=ordinary.pk).update(goal=15_000)
    assert tell_milestones() == 0
    # Nor is what had happened before anybody looked.
    Milestone.objects.all().delete()
    assert tell_milestones() == 0


def test_a_guarded_petition_tells_what_was_released_and_nothing_before(
    petition: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    Petition.objects.filter(pk=petition.pk).update(goal=20)
    switch_on(organiser, mailbox)
    tell_milestones()
    sign_hidden(petition, 15)
    assert release(petition)
    assert tell_milestones() == 0
    sign_hidden(petition, 9)
    assert tell_milestones() == 0
    assert told(mailbox) == []
    sign_hidden(petition, 1)
    assert release(petition)
    assert tell_milestones() == 1
    (mail,) = told(mailbox)
    assert mail["Subject"] == GUARDED_SUBJECT


def test_no_closed_petition_and_no_draft_tells_a_milestone(
    ordinary: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    switch_on(organiser, mailbox)
    factories.make_petition(publish=False)
    tell_milestones()
    Petition.objects.filter(pk=ordinary.pk).update(status=PetitionStatus.CLOSED)
    count_as(ordinary, 100)
    assert tell_milestones() == 0
    assert told(mailbox) == []


def test_milestones_cost_so_many_statements_however_many_petitions_there_are(ordinary: Petition) -> None:
    tell_milestones()
    costs = []
    for amount in (1, 30):
        for _ in range(amount):
            factories.make_petition(protection="ORDINARY")
        tell_milestones()
        with CaptureQueriesContext(connection) as asked:
            tell_milestones()
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 5
