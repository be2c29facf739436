"""Real threads on a real PostgreSQL: what is erased while its signer acts goes once, and the count is true."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from signatures.counting.folding import fold_tallies
from signatures.counting.reconciling import check_tally
from signatures.models import Attempt, AuditEntry, OutgoingMail, Petition, Signature, Tally
from signatures.models.choices import AuditAction, ErasureReason, SignatureState, StateReason, TallyKind, Visibility
from signatures.moderating.deciding import move_signature
from signatures.safeguarding.encryption import decrypt
from signatures.signing.actions import UnknownCodeError, confirm_attempt
from signatures.signing.erasing import SeenSignature, erase_signature
from signatures.signing.my_signature import lower_visibility, withdraw_signature
from tests.support import factories
from tests.support.database import at_once
from tests.support.tally_reading import ADDRESS, subject_of

pytestmark = pytest.mark.django_db(transaction=True)
Job = Callable[[], object]
ROUNDS = 6


@pytest.fixture(autouse=True)
def no_limits(settings: Settings) -> Iterator[None]:
    """Let one network do in a second what the limits would not allow."""
    settings.FORM_RATES = ["100000/s"]
    yield
    caches["ratelimits"].clear()


@pytest.fixture
def petition(transactional_db: None) -> Petition:
    """Return an open petition that all connections see."""
    return factories.make_petition()


def erasing(signature: Signature) -> Job:
    """Return the erasing of a signature as it is now, which returns whether it was erased."""
    seen = SeenSignature(signature.last_confirmed_at, Visibility(signature.visibility))
    actor = factories.make_organiser()

    def erase() -> bool:
        try:
            erase_signature(pk=signature.pk, seen=seen, reason=ErasureReason.MAILBOX_LOST, actor=actor)
        except (Signature.DoesNotExist, ValidationError):
            return False
        return True

    return erase


def confirming(petition: Petition) -> Job:
    """Sign, and return the confirmation."""
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    assert factories.sign(visitor, petition, email=ADDRESS, visibility="PUBLIC").status_code == 303
    code = decrypt(OutgoingMail.objects.latest("id").secret_encrypted)

    def confirm() -> bool:
        with contextlib.suppress(UnknownCodeError):
            confirm_attempt(code=code, visibility=Visibility.PUBLIC, reason=None, press="one page")
        return False

    return confirm


def is_true(petition: Petition) -> None:
    """Assert that tally and list say the same, folded or not."""
    for _ in range(2):
        assert check_tally(petition=petition, repair=False) == {}
        fold_tallies()


def test_pressing_twice_at_once_and_withdrawing_takes_one_off(petition: Petition) -> None:
    erased = 0
    for number in range(ROUNDS):
        erase = erasing(factories.make_signature(petition, address=ADDRESS))
        results = at_once(*[erase] * 4, *[lambda: withdraw_signature(subject=subject_of(petition))] * 2)
        assert results.count(True) <= 1
        assert not Signature.objects.exists()
        gone = Tally.objects.filter(kind=TallyKind.WITHDRAWN).values_list("amount", flat=True)
        assert sum(gone) == number + 1
        is_true(petition)
        erased += results.count(True)
        assert AuditEntry.objects.filter(action=AuditAction.SIGNATURE_ERASED).count() == erased


def test_erasing_while_the_signer_confirms_and_lowers_erases_what_was_seen_or_nothing(petition: Petition) -> None:
    for _ in range(ROUNDS):
        signature = factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC")
        before = AuditEntry.objects.filter(action=AuditAction.SIGNATURE_ERASED).count()
        jobs = [erasing(signature), confirming(petition), confirming(petition)]
        jobs.append(lambda: lower_visibility(subject=subject_of(petition), to=Visibility.DELIVERED))
        results = at_once(*jobs, fold_tallies)
        erased = AuditEntry.objects.filter(action=AuditAction.SIGNATURE_ERASED).count() - before
        assert erased == int(results[0] is True)
        assert Signature.objects.filter(pk=signature.pk).exists() is (results[0] is False)
        is_true(petition)
        withdraw_signature(subject=subject_of(petition))
        assert Attempt.objects.filter(confirmed_at=None).count() == 0
        is_true(petition)


def test_erasing_while_others_decide_on_it_keeps_the_count_true(petition: Petition) -> None:
    actor = factories.make_organiser()

    def deciding(pk: int, to: SignatureState) -> Job:
        def decide() -> None:
            with contextlib.suppress(ValidationError, Signature.DoesNotExist):
                reason = None if to == SignatureState.CONFIRMED else StateReason.INVENTED
                move_signature(pk=pk, to=to, reason=reason, actor=actor)

        return decide

    for number in range(ROUNDS):
        signature = factories.make_signature(petition, address=f"{number}@example.org")
        at_once(erasing(signature), *[deciding(signature.pk, to) for to in SignatureState] * 2)
        assert not Signature.objects.exists()
        is_true(petition)
        assert petition.tallies.all().count_signatures() == 0
