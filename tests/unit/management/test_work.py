"""The worker as a command."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from signatures.models import Attempt, OutgoingMail, Petition, Tally, WorkerBeat
from signatures.models.choices import TallyKind
from tests.support import factories
from tests.support.database import let_attempts_grow_old
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)


def work() -> str:
    """Run the worker once and return what it prints."""
    out = io.StringIO()
    call_command("work", "--once", stdout=out)
    return out.getvalue()


def test_one_round_sends_what_is_due_folds_expires_and_ends(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition)
    let_attempts_grow_old(timedelta(days=8))
    OutgoingMail.objects.all().delete()
    for _ in range(3):
        factories.sign(visitor, petition, visibility="COUNTED")
    assert work() == "mails handled: 3\n"
    assert len(mailbox.messages()) == 3
    assert not OutgoingMail.objects.exists()
    assert Attempt.objects.count() == 3
    assert list(Tally.objects.filter(kind=TallyKind.SUBMITTED, visibility="COUNTED").values_list("amount")) == [(3,)]
    assert Tally.objects.get(kind=TallyKind.EXPIRED).amount == 1
    assert WorkerBeat.objects.count() == 1


def test_with_nothing_to_do_it_ends_at_once(db: None, mailbox: Mailbox, settings: Settings) -> None:
    assert work() == "mails handled: 0\n"
    assert mailbox.messages() == []
