"""The public field for a digest: who may ask how often, and what it never confirms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from signatures.models import Petition, Recipient
from tests.support import factories
from tests.support.database import at_once, rows_per_table, rows_written
from tests.support.hand_overs import grow_older, hand_over, package_of, prepare, unpacked
from tests.support.name_lists import recipient_of
from tests.support.page_reading import field_value, in_language, page_of, words
from tests.support.recipient_checks import digest_of

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
ALLOWED = 30


@pytest.fixture
def one_minute() -> Iterator[time_machine.Traveller]:
    """Let no minute end within a test."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition with one name."""
    factories.make_signature(petition, name="First")
    grow_older(petition)
    return recipient_of(petition, "Parliament")


def ask(client: Client, petition: Petition, typed: str, language: str = "en") -> HttpResponse:
    """Send the form."""
    return cast("HttpResponse", client.get(page_of(petition, "deliveries", language), {"digest": typed}))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_thirty_first_digest_of_a_minute_has_to_wait_and_keeps_what_was_typed(
    petition: Petition, visitor: Client, one_minute: time_machine.Traveller, language: str
) -> None:
    page = page_of(petition, "deliveries", language)
    typed = f'SHA256 ("list".csv) = {"0" * 64}'
    for number in range(ALLOWED):
        method = visitor.get if number % 2 else visitor.head
        assert method(page, {"digest": typed}).status_code == 200
    before = rows_per_table()
    answer = ask(visitor, petition, typed, language)
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 61
    assert answer["Cache-Control"] == "no-store"
    assert in_language("Please try again in %(minutes)s min.", language, minutes=1) in words(answer)
    assert field_value(answer, "digest") == typed
    assert in_language("No file that was handed over has this digest.", "en") not in words(answer)
    assert set(rows_written(before)) <= {"signatures_ratelimit"}
    # The page itself is only read, and others have a share of their own.
    assert visitor.get(page).status_code == 200
    assert ask(Client(REMOTE_ADDR="192.0.2.9"), petition, typed).status_code == 200
    one_minute.shift(61)
    assert ask(visitor, petition, typed).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_once_no_more_pass_than_are_allowed(
    petition: Petition, one_minute: time_machine.Traveller
) -> None:
    statuses = at_once(*[lambda: ask(Client(), petition, "0" * 64).status_code for _ in range(ALLOWED + 6)])
    assert sorted(statuses) == [200] * ALLOWED + [429] * 6


def test_a_mistake_keeps_what_was_typed(petition: Petition, visitor: Client) -> None:
    answer = ask(visitor, petition, "no digest <b>")
    assert "This is no SHA-256 digest" in words(answer)
    assert field_value(answer, "digest") == "no digest <b>"
    assert "<b>" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_was_never_handed_over_is_answered_as_what_was_never_made(
    parliament: Recipient, organiser_client: Callable[[str], Client]
) -> None:
    petition, organiser = parliament.petition, organiser_client("Organisers")
    over, waiting = hand_over(organiser, parliament), prepare(organiser, parliament)
    waiting_files = unpacked(package_of(organiser, waiting))
    petition.signatures.update(name="Second")
    made_again = unpacked(package_of(organiser, over))
    assert over.packings.count() == 2
    unknown = ask(Client(), petition, "0" * 64).content
    for files in (waiting_files, made_again):
        for name in ("signatures.csv", "README.txt", "totals.csv", "manifest.json", "manifest.sig"):
            digest = digest_of(files[name])
            answer = ask(Client(), petition, digest).content
            assert re.sub(digest.encode(), b"0" * 64, answer) == unknown, name
    page = Client().get(page_of(petition, "deliveries")).content.decode()
    assert digest_of(made_again["manifest.json"]) not in page
