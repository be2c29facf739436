"""Waves of fakes are noticed by themselves, told, and held from then on, until an organiser or time ends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, OutgoingMail, Petition, Signature, StandingHold, Wave
from signatures.models.choices import AuditAction, SignatureState, WaveKind
from signatures.moderating.holds import end_due_holds
from signatures.moderating.waves import waiting_waves
from signatures.safeguarding.encryption import decrypt
from tests.support import factories
from tests.support.database import query
from tests.support.page_reading import page_of, read, words
from tests.support.tally_reading import counted
from tests.support.waves import DOMAIN, flood, honest, look, move_back, press, sign_from, waves_path

pytestmark = pytest.mark.django_db
FAKES = 300


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    """Let one network send as many forms as it likes."""
    settings.FORM_RATES = ["100000/m"]


def test_three_hundred_from_one_domain_are_noticed_told_and_held_from_then_on(
    petition: Petition, moderator: Client
) -> None:
    honest(petition, 200)
    for number in range(FAKES):
        assert sign_from(petition, DOMAIN, number).status_code == 303
    move_back(petition, "id %% 120 * interval '1 second'")
    assert look() >= 1
    wave = Wave.objects.get(kind=WaveKind.DOMAIN)
    assert (wave.amount, wave.expected, wave.looked_at) == (FAKES, 0, None)
    assert timedelta(minutes=1) < wave.last_at - (wave.since or wave.last_at) <= timedelta(minutes=2)
    assert set(Signature.objects.all().matching(wave)) == set(Signature.objects.filter(domain_key=wave.domain_key))
    log = AuditEntry.objects.filter(actor=None, petition=petition).order_by("id")
    assert [entry.action for entry in log if entry.target in (wave.pk, wave.hold_id)][-2:] == [
        AuditAction.WAVE_FOUND,
        AuditAction.HOLD_STARTED,
    ]
    found = log.get(action=AuditAction.WAVE_FOUND, target=wave.pk)
    assert (found.amount, found.details) == (FAKES, {"kind": "DOMAIN", "expected": 0})
    assert wave.hold is not None
    assert timedelta(days=6, hours=23) < wave.hold.ends_at - wave.hold.began_at <= timedelta(days=7)
    assert waiting_waves([petition])[petition.pk] in words(read(moderator, "/admin/"))
    page = words(read(moderator, waves_path(petition)))
    assert "300 from one mail domain," in page
    assert "None were to be expected." in page
    assert "New signatures like these are held until" in page
    sign_from(petition, DOMAIN, 301)
    newest = Signature.objects.latest("pk")
    assert (newest.state, newest.state_reason) == (SignatureState.HELD, "SUSPICIOUS")
    assert counted(petition) == "500"
    sign_from(petition, "another.example", 1)
    assert Signature.objects.latest("pk").state == SignatureState.CONFIRMED
    assert compare_tally(petition) == {}
    look()
    wave.refresh_from_db()
    assert wave.amount == FAKES + 1, "what goes on coming is told, too"
    assert Wave.objects.filter(kind=WaveKind.DOMAIN).count() == 1


def answers(petition: Petition, domain: str, number: int) -> list[tuple[int, Mapping[str, str]]]:
    """Return what a signer from a domain is answered: to the form, to its code, and to the page after it."""
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    signed = factories.sign(visitor, petition, email=f"x-{number}@{domain}", name="Somebody Else")
    code = decrypt(OutgoingMail.objects.latest("pk").secret_encrypted)
    shown = visitor.get(f"/en/confirm/{code}/").content.decode().replace(code, "")
    confirmed = factories.confirm(visitor, code)
    thanks = visitor.get(page_of(petition, "thanks"))
    return [
        (signed.status_code, {"to": signed.headers["Location"]}),
        (200, {"page": words(shown)}),
        (confirmed.status_code, {"to": confirmed.headers["Location"]}),
        (thanks.status_code, {"page": words(thanks.content.decode())}),
    ]


def test_whoever_is_held_sees_what_anybody_sees(petition: Petition) -> None:
    flood(petition)
    look()
    held, free = answers(petition, DOMAIN, 900), answers(petition, "another.example", 900)
    states = Signature.objects.order_by("-pk").values_list("state", flat=True)[:2]
    assert list(states) == ["CONFIRMED", "HELD"]
    assert held == free


def test_an_organiser_ends_a_hold_and_no_other_begins_by_itself(petition: Petition, moderator: Client) -> None:
    flood(petition)
    look()
    hold = StandingHold.objects.get()
    said = press(moderator, petition, "end", hold.pk)
    assert "New signatures like these count again from now on." in said
    assert not StandingHold.objects.exists()
    entry = AuditEntry.objects.get(action=AuditAction.HOLD_ENDED)
    assert (entry.target, entry.details) == (hold.pk, {"by": ["domain"]})
    assert entry.actor is not None
    sign_from(petition, DOMAIN, 301)
    assert Signature.objects.latest("pk").state == SignatureState.CONFIRMED
    look()
    assert not StandingHold.objects.exists()
    assert "It is over already." in press(moderator, petition, "end", hold.pk)
    assert "New signatures like these are held from now on." in press(
        moderator, petition, "hold", Wave.objects.get().pk
    )
    assert "New ones are held already." in press(moderator, petition, "hold", Wave.objects.get().pk)
    sign_from(petition, DOMAIN, 302)
    assert Signature.objects.latest("pk").state == SignatureState.HELD


def test_a_hold_ends_by_itself_unless_the_wave_goes_on(petition: Petition) -> None:
    flood(petition)
    look()
    query("UPDATE signatures_standinghold SET ends_at = now() + interval '5 hours'")
    sign_from(petition, DOMAIN, 301)
    look()
    hold = StandingHold.objects.get()
    assert hold.ends_at - hold.began_at > timedelta(days=6)
    assert end_due_holds() == 0
    move_back(petition, "interval '8 days'")
    query("UPDATE signatures_standinghold SET ends_at = now() - interval '1 second'")
    sign_from(petition, DOMAIN, 302)
    assert Signature.objects.latest("pk").state == SignatureState.CONFIRMED
    assert end_due_holds() == 1
    assert (StandingHold.objects.count(), Wave.objects.get().hold) == (0, None)
    assert AuditEntry.objects.get(action=AuditAction.HOLD_ENDED).actor is None
    look()
    assert not StandingHold.objects.exists(), "one person more is no wave"


def test_what_is_fine_is_not_told_again(petition: Petition, moderator: Client) -> None:
    flood(petition)
    look()
    wave = Wave.objects.get()
    assert waiting_waves([petition]) == {petition.pk: "1 wave of signatures waits to be looked at."}
    press(moderator, petition, "look", wave.pk)
    assert waiting_waves([petition]) == {}
    assert StandingHold.objects.exists(), "that one has looked changes nothing"
    said = press(moderator, petition, "fine", wave.pk)
    assert "It is not told again" in said
    wave.refresh_from_db()
    assert (wave.is_fine, wave.hold) == (True, None)
    assert wave.looked_by is not None
    flood(petition, 90)
    look()
    assert (Wave.objects.count(), StandingHold.objects.count(), waiting_waves([petition])) == (1, 0, {})


def test_names_are_looked_at_only_where_somebody_asks_and_that_is_recorded(
    petition: Petition, moderator: Client
) -> None:
    flood(petition)
    look()
    assert "Signer " not in read(moderator, waves_path(petition))
    assert not AuditEntry.objects.filter(action=AuditAction.NAMES_VIEWED).exists()
    page = read(moderator, f"{waves_path(petition)}?wave={Wave.objects.get().pk}")
    assert page.count("Signer ") == 20
    assert page.count("/admin/signatures/signature/") >= 20
    entry = AuditEntry.objects.get(action=AuditAction.NAMES_VIEWED)
    assert (entry.amount, entry.target) == (20, Wave.objects.get().pk)
