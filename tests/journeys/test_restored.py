"""Whatever happens before and after a backup: restored, it brings nobody back who left, and loses nobody who stayed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from pytest_django import Settings

from signatures.counting.reconciling import compare_tally
from signatures.journaling import copy_own
from signatures.journaling.entries import Entry
from signatures.journaling.files import read_journal
from signatures.models import Attempt, Petition, RemovedMark, Signature, Suppression
from signatures.models.choices import NameReview, SignatureState, StateReason, Visibility
from signatures.moderating.deciding import approve_reason, erase_reason, move_signature
from signatures.moderating.reviewing import NameDecision, decide_names
from signatures.restoring.replaying import apply_journal
from signatures.safeguarding import keys
from signatures.signing.actions import confirm_attempt, sign_petition
from signatures.signing.my_signature import lower_visibility, suppress_mails, withdraw_signature
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.environment import property_examples
from tests.support.erasure_journal import start_journal

pytestmark = pytest.mark.django_db
ADDRESSES = [f"{name}@example.org" for name in ("ales", "anna")]
NAMES = ["Алесь Пушкін", "Ala Sakałoŭskaja"]


@dataclass
class Campaign:
    """A petition, and what can be done with its signatures; nothing happens where it cannot be done."""

    petition: Petition
    codes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.actor = factories.make_organiser()
        self.version = factories.newest_version(self.petition)


def signature_of(campaign: Campaign, address: str) -> Signature | None:
    return Signature.objects.filter(email_key=keys.email_keys(campaign.petition.pk, address)[0]).first()


def subject(campaign: Campaign, address: str) -> MySignature:
    return MySignature(campaign.petition.pk, keys.email_keys(campaign.petition.pk, address))


def send(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    named = visibility != Visibility.COUNTED
    campaign.codes[address] = sign_petition(
        version=campaign.version,
        language="en",
        visibility=visibility,
        name=name if named else None,
        address=address,
        country="LT",
        city=None,
        suspicion=None,
        sender="",
    )


def sign(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    send(campaign, address, visibility, name)
    confirm_attempt(code=campaign.codes.pop(address), visibility=Visibility.PUBLIC, reason=f"{name} thinks so")


def lower(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    if visibility != Visibility.PUBLIC:
        lower_visibility(subject=subject(campaign, address), to=visibility)


def withdraw(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    withdraw_signature(subject=subject(campaign, address))


def suppress(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    suppress_mails(mail_key=keys.mail_key(address))


def move(campaign: Campaign, address: str, to: SignatureState) -> None:
    signature = signature_of(campaign, address)
    if signature is not None and signature.state != to:
        reason = None if to == SignatureState.CONFIRMED else StateReason.INVENTED
        move_signature(pk=signature.pk, to=to, reason=reason, actor=campaign.actor)


def hold(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    move(campaign, address, SignatureState.HELD)


def remove(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    move(campaign, address, SignatureState.REMOVED)


def count(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    move(campaign, address, SignatureState.CONFIRMED)


def review(campaign: Campaign, address: str, to: NameReview) -> None:
    signature = signature_of(campaign, address)
    if signature is not None and signature.name is not None:
        decision = NameDecision(signature.name, to, was=NameReview(signature.name_review))
        decide_names(petition=campaign.petition, decisions={signature.pk: decision}, actor=campaign.actor)


def hide(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    review(campaign, address, NameReview.HIDDEN)


def show(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    review(campaign, address, NameReview.OK)


def decide_reason(campaign: Campaign, address: str, decide: Callable[..., None]) -> None:
    signature = signature_of(campaign, address)
    if signature is not None and signature.reason is not None:
        decide(pk=signature.pk, seen=signature.reason, actor=campaign.actor)


def approve(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    decide_reason(campaign, address, approve_reason)


def erase(campaign: Campaign, address: str, visibility: Visibility, name: str) -> None:
    decide_reason(campaign, address, erase_reason)


Step = tuple[Callable[..., None], str, Visibility, str]
ACTS = [
    sign,
    send,
    lower,
    withdraw,
    suppress,
    hold,
    remove,
    count,
    hide,
    show,
    approve,
    erase,
]
act = st.tuples(
    st.sampled_from(ACTS), st.sampled_from(ADDRESSES), st.sampled_from(list(Visibility)), st.sampled_from(NAMES)
)
acts = st.lists(act, max_size=8)


@pytest.fixture
def journals(tmp_path: Path) -> Iterator[Path]:
    """Return a folder for the journals of all examples."""
    yield tmp_path
    start_journal(tmp_path / "over")


@pytest.mark.usefixtures("journals")
def test_a_restored_backup_brings_back_nobody_who_left_and_loses_nobody_who_stayed(
    ordinary: Petition, settings: Settings
) -> None:
    base = Campaign(ordinary)

    @given(before=acts, since=acts)
    def example(before: list[Step], since: list[Step]) -> None:
        with tempfile.TemporaryDirectory() as folder, transaction.atomic():
            settings.ERASURE_JOURNAL = Path(folder)
            start_journal(Path(folder))
            campaign = Campaign.__new__(Campaign)
            campaign.__dict__.update(base.__dict__, codes={})
            check(campaign, Path(folder), before, since)
            transaction.set_rollback(True)

    hypothesis(max_examples=property_examples(60))(example)()


def run(campaign: Campaign, steps: list[Step]) -> None:
    for step, *values in steps:
        step(campaign, *values)
        copy_own()


def check(campaign: Campaign, journal: Path, before: list[Step], since: list[Step]) -> None:
    """Restore what was there between two lists of acts, apply the journal, and compare."""
    run(campaign, [(sign, address, Visibility.PUBLIC, NAMES[0]) for address in ADDRESSES])
    run(campaign, before)
    earlier = {entry.number for entry in read_journal([journal]).entries}
    # The clock stands still within a transaction.
    hour = timedelta(hours=1)
    Signature.objects.update(
        first_confirmed_at=F("first_confirmed_at") - hour, last_confirmed_at=F("last_confirmed_at") - hour
    )
    backup = {one.pk: one for one in Signature.objects.all()}
    Attempt.objects.update(created_at=F("created_at") - timedelta(hours=1))
    waiting = {one.pk: one for one in Attempt.objects.filter(confirmed_at__isnull=True)}
    with transaction.atomic():
        run(campaign, since)
        last = {one.pk: one for one in Signature.objects.all()}
        suppressed = Suppression.objects.count()
        # In the database, and not in the journal.
        transaction.set_rollback(True)
    assert {one.pk for one in Signature.objects.all()} == backup.keys()
    entries = [made_earlier(one) if one.number in earlier else one for one in read_journal([journal]).entries]
    for _ in range(2):  # it may be applied any number of times
        apply_journal(entries, backup="a test")
        restored = {one.pk: one for one in Signature.objects.all()}
        assert restored.keys() == backup.keys() & last.keys()
        for pk, now in restored.items():
            was, then = backup[pk], last[pk]
            assert Visibility(now.visibility).reach <= min(
                Visibility(was.visibility).reach, Visibility(then.visibility).reach
            )
            assert now.name in (None, then.name)
            assert now.reason in (None, then.reason)
            assert not now.reason_approved or then.reason_approved
            if then.visibility == Visibility.PUBLIC == now.visibility:
                assert then.place is not None or now.place is None
            stays = then.state == was.state == SignatureState.CONFIRMED
            assert (now.state == SignatureState.CONFIRMED) is stays
            is_same = (was.last_confirmed_at, was.name, was.city) == (then.last_confirmed_at, then.name, then.city)
            if was.visibility == then.visibility and is_same:
                assert (now.visibility, now.name) == (was.visibility, was.name)
        assert compare_tally(campaign.petition) == {}
        assert Suppression.objects.count() == suppressed
        stopped = {one.pk for one in backup.values() if one.state == SignatureState.REMOVED} - restored.keys()
        marks = {bytes(mark.email_key) for mark in RemovedMark.objects.all()}
        assert {bytes(backup[pk].email_key or b"") for pk in stopped} <= marks
        left = Attempt.objects.filter(confirmed_at__isnull=True).values_list("pk", flat=True)
        assert set(left) == {pk for pk, one in waiting.items() if is_usable(campaign, one, since)}


def made_earlier(entry: Entry) -> Entry:
    """Return an entry as it would be if its transaction and the confirmation that it names had been earlier."""
    facts = dict(entry.facts)
    if "last_confirmed_at" in facts:
        confirmed = datetime.fromisoformat(facts["last_confirmed_at"])
        facts["last_confirmed_at"] = (confirmed - timedelta(hours=1)).isoformat()
    return replace(entry, at=entry.at - timedelta(hours=2), facts=facts)


def is_usable(campaign: Campaign, attempt: Attempt, since: list[Step]) -> bool:
    """Return whether an attempt neither signs for somebody who left nor shows more than was confirmed since."""
    key = bytes((attempt.email_keys or [b""])[0])
    for step, address, visibility, _ in since:
        if keys.email_keys(campaign.petition.pk, address)[0] != key:
            continue
        if step is withdraw or (step is lower and visibility != Visibility.PUBLIC):
            return False
        if step is sign and attempt.chosen.reach > visibility.reach:
            return False
    return True
