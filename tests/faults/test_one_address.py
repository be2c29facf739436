"""One address confirms, withdraws and changes its mind in twenty threads: one signature at most, an exact count."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import Settings

from signatures import tokens
from signatures.counting.reconciling import compare_tally
from signatures.models import Attempt, OutgoingMail, Petition, Signature
from signatures.models.choices import SignatureState, StateReason
from signatures.safeguarding import keys
from signatures.safeguarding.encryption import decrypt
from tests.support import factories
from tests.support.database import at_once, query
from tests.support.faults.direct_visitor import DirectClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

VISITOR = DirectClient()
ADDRESS = "ales@example.org"
ROUNDS = 3
ATTEMPTS = [("PUBLIC", "BY"), ("DELIVERED", "LT"), ("COUNTED", "PL"), ("PUBLIC", "DE"), ("COUNTED", "UA")]
OLD_SECRETS = {1: "an-old-secret-" + "o" * 40}
NEW_SECRETS = {2: "a-newer-secret-" + "n" * 40, **OLD_SECRETS}
# How the address begins: without a signature, or with one in some state.
BEGINNINGS: dict[str, dict[str, object] | None] = {
    "new": None,
    "confirmed": {"visibility": "PUBLIC"},
    "held": {"state": SignatureState.HELD, "state_reason": StateReason.SUSPICIOUS},
    "removed": {"state": SignatureState.REMOVED, "state_reason": StateReason.INVENTED},
    "under an older secret": {"visibility": "DELIVERED"},
}


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    """Let one network send as many forms as it likes; the address's key has an older version too."""
    settings.FORM_RATES = ["100000/m"]
    settings.EMAIL_KEY_SECRETS = NEW_SECRETS


def codes_of(petition: Petition) -> list[str]:
    """Let the address sign several times, and return the codes of the mails that wait."""
    OutgoingMail.objects.all().delete()
    for visibility, country in ATTEMPTS:
        response = factories.sign(VISITOR, petition, visibility=visibility, country=country, email=ADDRESS)
        assert response.status_code == 303
    return [decrypt(row.secret_encrypted) for row in OutgoingMail.objects.order_by("id")]


def act(token: str, action: str) -> HttpResponse:
    """Press a button of the page of one's own signature."""
    response = VISITOR.post(reverse("my_signature", kwargs={"language": "en", "token": token}), {"action": action})
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_whatever_happens_at_once_one_signature_is_left_and_the_count_is_exact(
    petition: Petition, settings: Settings, beginning: str
) -> None:
    values = BEGINNINGS[beginning]
    if values is not None:
        settings.EMAIL_KEY_SECRETS = OLD_SECRETS if "older" in beginning else NEW_SECRETS
        factories.make_signature(petition, address=ADDRESS, **values)
        settings.EMAIL_KEY_SECRETS = NEW_SECRETS
    subject = tokens.MySignature(petition.pk, keys.email_keys(petition.pk, ADDRESS))
    token = tokens.my_signature_token(subject)
    for _ in range(ROUNDS):
        jobs: list[Callable[[], HttpResponse]] = []
        for code in codes_of(petition):
            jobs += [partial(factories.confirm, VISITOR, code, visibility="PUBLIC")] * 2
        jobs += [partial(act, token, action) for action in ("WITHDRAW", "COUNTED", "DELIVERED") for _ in range(3)]
        jobs += [partial(factories.confirm, VISITOR, "AAAA-AAAA-AAAA-AAAA")]
        assert len(jobs) == 20
        answers = [answer.status_code for answer in at_once(*jobs)]
        # Each code has two buttons: either may come first, or whatever spends the code.
        assert set(answers[:10]) <= {303, 404}
        assert answers[10:] == [200] * 9 + [404]
        assert not Attempt.objects.filter(confirmed_at=None).exists()
        Attempt.objects.all().delete()
        check_numbers(petition)


def check_numbers(petition: Petition) -> None:
    """Assert that the address has one signature at most, and that every number says the same."""
    signatures = list(Signature.objects.filter(petition=petition))
    assert len(signatures) <= 1
    confirmed = sum(signature.state == SignatureState.CONFIRMED for signature in signatures)
    assert compare_tally(petition) == {}
    assert petition.tallies.all().count_signatures() == confirmed
    amounts = dict(query("SELECT kind, sum(amount) FROM signatures_tally GROUP BY kind"))
    assert amounts.get("CONFIRMED", 0) - amounts.get("WITHDRAWN", 0) == confirmed
    assert amounts.get("CHANGED_FROM", 0) == amounts.get("CHANGED_TO", 0)
    assert dict(query("SELECT kind, sum(amount) FROM signatures_hourtally GROUP BY kind")) == amounts


def test_twenty_presses_of_one_button_are_one_signature(petition: Petition) -> None:
    code = codes_of(petition)[0]
    answers = at_once(*[partial(factories.confirm, VISITOR, code)] * 20)
    assert {factories.answer_facts(answer)[0] for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert query("SELECT kind, sum(amount) FROM signatures_tally GROUP BY kind ORDER BY kind") == [
        ("CONFIRMED", 1),
        ("EXPIRED", len(ATTEMPTS) - 1),
        ("SUBMITTED", len(ATTEMPTS)),
    ]


def test_a_higher_wish_never_wins_over_a_withdrawal_that_came_last(petition: Petition) -> None:
    token = tokens.my_signature_token(tokens.MySignature(petition.pk, keys.email_keys(petition.pk, ADDRESS)))
    codes = codes_of(petition)
    at_once(*[partial(factories.confirm, VISITOR, code) for code in codes])
    at_once(*[partial(act, token, action) for action in ("WITHDRAW", "DELIVERED") * 5])
    assert not Signature.objects.exists()
    check_numbers(petition)
