"""Text that is made to take long, in every field that takes any: it takes no longer than other text of its length."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.models import Attempt, Petition, Signature
from signatures.signing.forms import HONEYPOT
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import field_value, page_of
from tests.support.processor_time import seconds_of

# In normal form the last of these stand before the first: sorting them takes the square of their number.
FIRST, LAST = "\u0301", "\u0323"
LONG, SHORT = 60_000, 2_000
RATIO_MAX = 4
SIZES = pytest.mark.parametrize("size", [SHORT, LONG])


def hostile(size: int) -> str:
    """Return a letter with so many marks."""
    return "a" + FIRST * (size // 2) + LAST * (size // 2)


def harmless(size: int) -> str:
    """Return as many letters, which take as many bytes."""
    return "ж" * size


def assert_no_slower(send: Callable[[str], object], size: int) -> None:
    """Assert that hostile text takes about as much of the processor as other text."""
    send(harmless(size))
    assert seconds_of(lambda: send(hostile(size))) < RATIO_MAX * seconds_of(lambda: send(harmless(size)))


@pytest.fixture(autouse=True)
def without_limits(settings: Settings) -> None:
    """Let everybody send as much as they like."""
    settings.RATELIMIT_ENABLE = False


@pytest.mark.parametrize("field", ["visibility", "name", "email", "country", "city", "consent", "version", HONEYPOT])
@SIZES
def test_signing(petition: Petition, visitor: Client, field: str, size: int) -> None:
    factories.ask_for_city(petition)
    assert_no_slower(lambda text: factories.sign(visitor, petition, **{field: text}), size)


@pytest.mark.parametrize("field", ["visibility", "reason", "press"])
@SIZES
def test_confirming(petition: Petition, visitor: Client, mailbox: Mailbox, field: str, size: int) -> None:
    codes = []
    for _ in range(7):
        factories.sign(visitor, petition, visibility="PUBLIC")
        codes.append(code_in(mailbox.deliver()[-1]))
    assert_no_slower(lambda text: factories.confirm(visitor, codes.pop(), **{field: text}), size)


@SIZES
def test_typing_a_code_asking_for_a_link_and_checking_a_digest(petition: Petition, visitor: Client, size: int) -> None:
    asking = page_of(petition, "my_signature_request")
    assert_no_slower(lambda text: visitor.post("/en/confirm/", {"code": text}), size)
    assert_no_slower(lambda text: visitor.post(asking, {"email": text}), size)
    assert_no_slower(lambda text: visitor.post(asking, {"email": f"{text}@example.org"}), size)
    assert_no_slower(lambda text: visitor.get(page_of(petition, "deliveries"), {"digest": text}), size)


@SIZES
def test_logging_in_and_searching(
    petition: Petition, organiser_client: Callable[[str], Client], visitor: Client, size: int
) -> None:
    factories.make_signature(petition)
    organiser = organiser_client("Organisers")
    assert_no_slower(lambda text: visitor.post("/admin/login/", {"username": text, "password": text}), size)
    assert_no_slower(lambda text: organiser.get("/admin/signatures/signature/", {"q": text}), size)


@pytest.mark.parametrize(("status", "answer"), [("OPEN", 429), ("CLOSED", 410)])
def test_who_has_to_wait_or_comes_too_late_is_answered_without_a_look_at_what_was_typed(
    petition: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch, status: str, answer: int
) -> None:
    visitor = Client()
    settings.RATELIMIT_ENABLE = status == "OPEN"
    Petition.objects.update(status=status)
    for _ in range(30):
        visitor.post("/en/confirm/", {"code": "-"})

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("signatures.signing.forms.SignForm.full_clean", never)
    answered = factories.sign(visitor, petition, name=hostile(LONG), visibility="PUBLIC")
    assert answered.status_code == answer
    if status == "OPEN":
        assert field_value(answered, "name") == hostile(LONG)


def test_a_name_keeps_its_first_marks_and_what_is_far_too_long_is_refused(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    assert factories.sign(visitor, petition, name=hostile(SHORT)).status_code == 303
    assert factories.confirm(visitor, code_in(mailbox.deliver()[-1])).status_code == 303
    assert len(Signature.objects.get().name or "") < 6
    assert factories.sign(visitor, petition, name=hostile(LONG)).status_code == 422
    assert not Attempt.objects.filter(confirmed_at=None).exists()
