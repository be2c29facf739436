"""What the operator is told of mails that came back: at the desk, and in the answer to whoever bears the token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from signatures.mailing.bounce_warnings import REFUSED, REFUSED_ELSEWHERE, UNREAD
from signatures.mailing.bounces import Bounce, count_bounces
from signatures.models import BounceCount, WorkerBeat
from signatures.models.bounce import MANY
from signatures.models.choices import BounceKind
from tests.support.database import at_once, refuses
from tests.support.page_reading import read, words

pytestmark = pytest.mark.django_db
LogIn = Callable[[str], Client]
LIST = "/admin/signatures/bouncecount/"
TOKEN = "a token of the tests"


def let_come_back(amount: int, provider: str = "gmail.com", kind: BounceKind = BounceKind.PERMANENT) -> None:
    """Count so many mails that came back today."""
    count_bounces([Bounce(kind, provider)] * amount)


@pytest.fixture
def told(settings: Settings) -> Callable[[], list[str]]:
    """Return what the operator is told whose worker works."""
    settings.METRICS_TOKEN, settings.PLAIN_HTTP = TOKEN, False

    def ask() -> list[str]:
        WorkerBeat.objects.update_or_create(
            worker="00000000-0000-0000-0000-000000000000", defaults={"beat_at": TransactionNow()}
        )
        answer = Client().get("/-/ready", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        warnings: list[str] = answer.json()["warnings"]
        return warnings

    return ask


def test_a_provider_that_refuses_many_is_named_and_few_are_not(told: Callable[[], list[str]]) -> None:
    let_come_back(MANY - 1)
    let_come_back(100, kind=BounceKind.TEMPORARY)
    let_come_back(100, "", BounceKind.UNCLEAR)
    assert told() == []
    let_come_back(1)
    assert told() == [REFUSED.format(provider="gmail.com", amount=MANY)]
    assert Client().get("/-/ready").json() == {"ready": True}
    BounceCount.objects.update(day=F("day") - timedelta(days=1))
    assert len(told()) == 1
    BounceCount.objects.update(day=F("day") - timedelta(days=1))
    assert told() == []


def test_what_came_back_yesterday_and_today_counts_together(told: Callable[[], list[str]]) -> None:
    let_come_back(MANY // 2)
    BounceCount.objects.update(day=F("day") - timedelta(days=1))
    let_come_back(MANY // 2)
    assert told() == [REFUSED.format(provider="gmail.com", amount=MANY)]


def test_domains_of_nobody_large_are_named_together(told: Callable[[], list[str]]) -> None:
    let_come_back(MANY, "")
    assert told() == [REFUSED_ELSEWHERE.format(amount=MANY)]


def test_a_mailbox_that_no_worker_has_read_yet_is_told_of(told: Callable[[], list[str]], settings: Settings) -> None:
    settings.BOUNCE_URL = "imaps://user:password@mail.example.org/INBOX"
    assert told() == [UNREAD]


@pytest.mark.parametrize(
    ("provider", "sentence", "name"),
    [
        ("gmail.com", "25 mails have come back from gmail.com for good since yesterday", "gmail.com"),
        ("", "25 mails have come back for good since yesterday from domains of no large", "all other domains"),
    ],
)
def test_administrators_see_it_on_the_first_page_and_in_a_list(
    organiser_client: LogIn, provider: str, sentence: str, name: str
) -> None:
    client = organiser_client("Administrators")
    let_come_back(25, provider)
    assert sentence in words(read(client, "/admin/"))
    shown = words(read(client, LIST))
    assert name in shown
    assert "25" in shown


@pytest.mark.parametrize("role", ["Organisers", "Moderators", "Editors", "Auditors"])
def test_nobody_else_is_told(organiser_client: LogIn, role: str) -> None:
    client = organiser_client(role)
    let_come_back(25)
    assert "gmail.com" not in words(read(client, "/admin/"))
    assert client.get(LIST).status_code == 403


def test_those_who_count_at_once_count_exactly(transactional_db: None) -> None:
    several = [Bounce(BounceKind.PERMANENT, "mail.ru"), Bounce(BounceKind.PERMANENT, "gmail.com")]

    def count(order: int) -> None:
        for _ in range(20):
            count_bounces(several[::order])

    at_once(lambda: count(1), lambda: count(-1), lambda: count(1))
    assert set(BounceCount.objects.values_list("provider", "amount")) == {("mail.ru", 60), ("gmail.com", 60)}


def test_the_database_refuses_what_would_tell_more() -> None:
    insert = "INSERT INTO signatures_bouncecount (provider, kind, amount) VALUES (%s, %s, %s)"
    refuses(insert, "gmail.com", "UNCLEAR", 1, by="bounce_count_unclear_has_no_provider")
    refuses(insert, "gmail.com", "NEVER", 1, by="bounce_count_kind_known")
    refuses(insert, "gmail.com", "PERMANENT", 0, by="bounce_count_of_something")
    refuses(f"{insert}; {insert}", *["gmail.com", "PERMANENT", 1] * 2, by="bounce_count_once")
