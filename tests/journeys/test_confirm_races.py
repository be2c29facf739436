"""Real threads on a real PostgreSQL: whoever comes first, an address is one signature and the count is true."""

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
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import Attempt, HourTally, OutgoingMail, Petition, Signature, Tally
from signatures.models.choices import SignatureState, StateReason, TallyKind, Visibility
from signatures.moderating.deciding import move_signature
from signatures.safeguarding import keys
from signatures.safeguarding.encryption import decrypt
from signatures.signing.actions import UnknownCodeError, confirm_attempt, expire_attempts
from signatures.signing.my_signature import lower_visibility, withdraw_signature
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.database import at_once, query

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "a@example.org"
VISITOR = Client()
Job = Callable[[], object]


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


def attempt(petition: Petition, address: str = ADDRESS, **values: str) -> str:
    """Sign and return the code."""
    assert factories.sign(VISITOR, petition, email=address, **values).status_code == 303
    return decrypt(OutgoingMail.objects.latest("id").secret_encrypted)


def confirming(code: str) -> Job:
    """Return the confirmation of an attempt, which returns the petition's slug, or None where another has spent it."""

    def confirm() -> str | None:
        try:
            return confirm_attempt(code=code, visibility=Visibility.PUBLIC, reason=None, press="one page")
        except UnknownCodeError:
            return None

    return confirm


def subject_of(petition: Petition) -> MySignature:
    """Return what the address's my-signature link stands for."""
    return MySignature(petition.pk, keys.email_keys(petition.pk, ADDRESS))


def assert_true(petition: Petition, signatures: int) -> None:
    """Assert that there are so many signatures and that the tally says the same, folded or not."""
    assert Signature.objects.count() == signatures
    for _ in range(2):
        assert check_tally(petition=petition, repair=False) == {}
        assert petition.tallies.all().count_signatures() == signatures
        fold_tallies()


def amounts(*kinds: TallyKind) -> dict[str, int]:
    """Return the tally by kind, and assert that the hours say the same as the days."""
    days, hours = (
        dict(query(f"SELECT kind, sum(amount)::int FROM {table} GROUP BY kind"))  # noqa: S608
        for table in ("signatures_tally", "signatures_hourtally")
    )
    assert days == hours
    return {kind: days.get(kind, 0) for kind in kinds}


def test_one_attempt_pressed_by_twenty_at_once_is_one_signature(petition: Petition) -> None:
    codes = [attempt(petition, f"{number}@example.org") for number in range(3)]
    for code in codes[1:]:
        assert at_once(*[confirming(code)] * 20) == [petition.slug] * 20
    assert at_once(*[lambda: factories.confirm(Client(), codes[0]).status_code] * 10) == [303] * 10
    assert amounts(TallyKind.CONFIRMED, TallyKind.CHANGED_TO) == {"CONFIRMED": 3, "CHANGED_TO": 0}
    assert_true(petition, 3)


def test_many_attempts_of_one_address_confirmed_at_once_are_one_signature(petition: Petition) -> None:
    visibilities = [choice.value for choice in Visibility] * 4
    codes = [attempt(petition, visibility=visibility) for visibility in visibilities]
    assert sorted(map(str, at_once(*[confirming(code) for code in codes]))) == ["None"] * 11 + [petition.slug]
    assert amounts(TallyKind.CONFIRMED, TallyKind.CHANGED_TO, TallyKind.EXPIRED) == {
        "CONFIRMED": 1,
        "CHANGED_TO": 0,
        "EXPIRED": 11,
    }
    assert_true(petition, 1)
    assert Attempt.objects.filter(confirmed_at=None).count() == 0
    assert OutgoingMail.objects.count() == 0


def test_the_same_holds_where_the_address_has_signed_before(petition: Petition) -> None:
    factories.make_signature(petition, address=ADDRESS)
    codes = [attempt(petition, country=country) for country in ("BY", "PL", "LT", "DE") * 2]
    assert sorted(map(str, at_once(*[confirming(code) for code in codes]))) == ["None"] * 7 + [petition.slug]
    assert amounts(TallyKind.CONFIRMED, TallyKind.CHANGED_TO, TallyKind.EXPIRED) == {
        "CONFIRMED": 1,
        "CHANGED_TO": 1,
        "EXPIRED": 7,
    }
    assert_true(petition, 1)


def test_many_addresses_confirmed_at_once_are_all_counted(petition: Petition) -> None:
    codes = [attempt(petition, f"{number}@example.org") for number in range(16)]
    assert at_once(*[confirming(code) for code in codes], fold_tallies, fold_tallies)[:16] == [petition.slug] * 16
    assert_true(petition, 16)


@pytest.mark.parametrize("signed_before", [True, False])
def test_confirming_while_withdrawing_and_lowering_keeps_the_count_true(
    petition: Petition, *, signed_before: bool
) -> None:
    subject = subject_of(petition)
    for _ in range(3):
        if signed_before:
            confirm_attempt(code=attempt(petition, visibility="PUBLIC"), visibility=Visibility.PUBLIC, reason="Why")
        jobs: list[Job] = [confirming(attempt(petition, visibility="PUBLIC")) for _ in range(4)]
        jobs += [lambda: withdraw_signature(subject=subject)] * 2
        jobs += [lambda: lower_visibility(subject=subject, to=Visibility.DELIVERED)] * 2
        jobs += [lambda: lower_visibility(subject=subject, to=Visibility.COUNTED)] * 2
        at_once(*jobs, fold_tallies)
        assert Signature.objects.count() <= 1
        assert_true(petition, Signature.objects.count())


def test_withdrawing_twice_at_once_takes_one_off(petition: Petition) -> None:
    factories.make_signature(petition, address=ADDRESS)
    subject = subject_of(petition)
    at_once(*[lambda: withdraw_signature(subject=subject)] * 10)
    assert amounts(TallyKind.WITHDRAWN) == {"WITHDRAWN": 1}
    assert_true(petition, 0)


def test_lowering_twice_at_once_changes_once(petition: Petition) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", reason="Why")
    subject = subject_of(petition)
    at_once(*[lambda: lower_visibility(subject=subject, to=Visibility.DELIVERED)] * 10)
    assert amounts(TallyKind.CHANGED_FROM) == {"CHANGED_FROM": 1}
    assert_true(petition, 1)


def test_an_attempt_that_runs_out_while_it_is_confirmed_is_either_confirmed_or_expired(petition: Petition) -> None:
    codes = [attempt(petition, f"{number}@example.org") for number in range(8)]
    query("UPDATE signatures_attempt SET expires_at = clock_timestamp() + interval '30 milliseconds'")

    def confirm(code: str) -> bool:
        try:
            confirm_attempt(code=code, visibility=Visibility.PUBLIC, reason=None, press="one page")
        except UnknownCodeError:
            return False
        return True

    results = at_once(*[lambda code=code: confirm(code) for code in codes], expire_attempts, expire_attempts)
    confirmed = results[:8].count(True)
    query("UPDATE signatures_attempt SET expires_at = now() WHERE confirmed_at IS NULL")
    expire_attempts()
    assert amounts(TallyKind.CONFIRMED, TallyKind.EXPIRED) == {"CONFIRMED": confirmed, "EXPIRED": 8 - confirmed}
    assert_true(petition, confirmed)


def test_two_workers_expire_each_attempt_once(petition: Petition) -> None:
    for number in range(20):
        attempt(petition, f"{number}@example.org")
    query("UPDATE signatures_attempt SET expires_at = now()")
    assert sum(map(int, map(str, at_once(*[expire_attempts] * 4)))) == 20
    assert amounts(TallyKind.EXPIRED) == {"EXPIRED": 20}


def test_rows_that_are_committed_while_a_fold_runs_are_neither_lost_nor_counted_twice(petition: Petition) -> None:
    event = Event(TallyKind.CONFIRMED, Dimensions("WEB", "BY", "en", "COUNTED"))

    def write() -> None:
        for _ in range(25):
            write_tally(petition.pk, [event])

    def fold() -> None:
        for _ in range(15):
            fold_tallies()

    at_once(write, write, write, write, fold, fold)
    assert petition.tallies.all().count_signatures() == 100
    fold_tallies()
    assert (Tally.objects.get().amount, HourTally.objects.get().amount) == (100, 100)


def test_repairing_while_people_sign_and_withdraw_corrects_nothing(petition: Petition) -> None:
    codes = [attempt(petition, f"{number}@example.org") for number in range(8)]
    factories.make_signature(petition, address=ADDRESS)
    jobs: list[Job] = [confirming(code) for code in codes]
    jobs += [lambda: check_tally(petition=Petition.objects.get(), repair=True)] * 3
    jobs += [lambda: withdraw_signature(subject=subject_of(petition)), fold_tallies]
    at_once(*jobs)
    assert amounts(TallyKind.CORRECTION) == {"CORRECTION": 0}
    assert_true(petition, 8)


def test_organisers_who_decide_while_the_signer_confirms_and_lowers_keep_the_count_true(petition: Petition) -> None:
    confirm_attempt(code=attempt(petition, visibility="PUBLIC"), visibility=Visibility.PUBLIC, reason=None)
    signature, actor = Signature.objects.get(), factories.make_organiser()

    def deciding(to: SignatureState) -> Job:
        reason = None if to == SignatureState.CONFIRMED else StateReason.INVENTED

        def decide() -> None:
            # Somebody else may have decided the same a moment before.
            with contextlib.suppress(ValidationError):
                move_signature(pk=signature.pk, to=to, reason=reason, actor=actor)

        return decide

    codes = [attempt(petition, visibility="PUBLIC") for _ in range(4)]
    jobs = [deciding(to) for to in SignatureState for _ in range(4)]
    jobs += [confirming(code) for code in codes]
    jobs += [lambda: lower_visibility(subject=subject_of(petition), to=Visibility.DELIVERED)]
    at_once(*jobs)
    signature.refresh_from_db()
    assert Signature.objects.count() == 1
    assert check_tally(petition=petition, repair=False) == {}
    counted = signature.state == SignatureState.CONFIRMED
    assert petition.tallies.all().count_signatures() == int(counted)
    moved = amounts(TallyKind.REMOVED, TallyKind.RESTORED)
    assert moved.get("REMOVED", 0) - moved.get("RESTORED", 0) == int(not counted)
