"""What stands out and what does not: names, countries, a slow drip, a crowd like the one before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.models import AuditEntry, Petition, Signature, StandingHold, Wave
from signatures.models.choices import AuditAction, SignatureState, WaveKind
from signatures.moderating.waves import WaveWatch
from tests.support import factories
from tests.support.database import query
from tests.support.page_reading import read, words
from tests.support.rules import new_path, rules_path
from tests.support.waves import DOMAIN, flood, honest, look, move_back, press, sign_from, waves_path

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    """Let one network send as many forms as it likes."""
    settings.FORM_RATES = ["100000/m"]


def test_one_name_from_many_places_is_a_wave_and_is_held_whatever_its_accents(petition: Petition) -> None:
    honest(petition, 100)
    for number in range(40):
        name = "Ivan Łuk’janau" if number % 4 else "ŁUK’JANAU Ivan"
        sign_from(petition, f"domain-{number}.test-{number}.example", number, name=name)
    look()
    wave = Wave.objects.get(kind=WaveKind.NAME)
    assert (wave.amount, wave.hold is not None) == (40, True)
    assert Signature.objects.all().matching(wave).count() == 40
    sign_from(petition, "elsewhere.example", 1, name="łuk’janau IVAN")
    assert Signature.objects.latest("pk").state == SignatureState.HELD
    sign_from(petition, "elsewhere.example", 2, name="Ivan Janau")
    assert Signature.objects.latest("pk").state == SignatureState.CONFIRMED
    assert "janau" not in str(list(AuditEntry.objects.values("details", "reason")))


def test_the_name_of_a_wave_is_looked_at_where_a_rule_about_it_begins(petition: Petition, moderator: Client) -> None:
    honest(petition, 100)
    for number in range(40):
        factories.make_signature(petition, name="Ivan Zqname", address=f"someone@domain-{number}.other.example")
    look()
    wave = Wave.objects.get(kind=WaveKind.NAME)
    viewed = AuditEntry.objects.filter(action=AuditAction.NAMES_VIEWED)
    assert "zqname" not in read(moderator, waves_path(petition)).lower()
    assert not viewed.exists()
    preview = moderator.post(new_path(petition), {"wave": str(wave.pk)}, follow=True)
    assert "zqname" in preview.content.decode().lower()
    assert list(viewed.order_by("pk").values_list("amount", flat=True)) == [1, 21]
    assert "zqname" in read(moderator, rules_path(petition)).lower()
    assert viewed.values_list("amount", flat=True).latest("pk") == 1


def test_a_country_and_a_language_are_told_and_never_held(petition: Petition, moderator: Client) -> None:
    honest(petition, 200)
    for number in range(60):
        sign_from(petition, f"domain-{number}.other-{number}.example", number, country="BR")
    look()
    wave = Wave.objects.get(kind=WaveKind.COUNTRY)
    assert (wave.country, wave.amount, wave.hold) == ("BR", 60, None)
    assert not StandingHold.objects.exists()
    page = words(read(moderator, waves_path(petition)))
    assert "60 from one country, Brazil," in page
    assert "so wide a group is never held by itself" in page
    assert "This is far too wide to be held at once" in press(moderator, petition, "hold", wave.pk)
    assert not StandingHold.objects.exists()


def test_a_slow_drip_from_one_domain_is_told_once(petition: Petition) -> None:
    honest(petition, 200)
    for number in range(120):
        factories.make_signature(petition, address=f"drip-{number}@{DOMAIN}")
    query(
        "UPDATE signatures_signature SET first_confirmed_at = now() - (id %% 28) * interval '1 day', last_confirmed_at"
        " = now() - (id %% 28) * interval '1 day' WHERE domain_key = %s",
        [Signature.objects.latest("pk").domain_key],
    )
    look()
    look()
    wave = Wave.objects.get(kind=WaveKind.DOMAIN)
    assert (wave.amount, wave.hold) == (120, None)
    assert wave.last_at - (wave.since or wave.last_at) >= timedelta(days=26)
    assert AuditEntry.objects.filter(action=AuditAction.WAVE_FOUND, target=wave.pk).count() == 1


def test_a_crowd_like_the_one_before_is_no_wave(petition: Petition) -> None:
    for number in range(300):
        address = f"{number}@{'regional.example' if number % 25 == 0 else f'small-{number}.example'}"
        factories.make_signature(petition, address=address)
    move_back(petition, "interval '2 days'")
    for number in range(300, 600):
        address = f"{number}@{'regional.example' if number % 12 == 0 else f'small-{number}.example'}"
        factories.make_signature(petition, address=address)
    look()
    assert not Wave.objects.exists()


def test_nothing_is_looked_at_where_nothing_new_was_confirmed(petition: Petition) -> None:
    watch = WaveWatch()
    flood(petition)
    assert watch.look() == 1
    Wave.objects.all().delete()
    assert watch.look() == 0
    sign_from(petition, "another.example", 1)
    assert watch.look() == 1
