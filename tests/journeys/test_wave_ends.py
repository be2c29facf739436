"""What is left of waves and holds, and what the page and the database refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from signatures.models import Petition, Signature, StandingHold, Wave
from signatures.models.choices import PetitionStatus, SignatureState, Visibility
from signatures.models.rule import Group
from signatures.moderating.deciding import move_signature
from signatures.moderating.holds import end_due_holds, start_hold
from signatures.moderating.purging import purge_petition
from signatures.moderating.waves import erase_old_waves
from tests.support import factories
from tests.support.database import query, refuses, traces_of
from tests.support.waves import DOMAIN, flood, honest, look, press, sign_from, waves_path

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    """Let one network send as many forms as it likes."""
    settings.FORM_RATES = ["100000/m"]


def test_nothing_personal_outlives_the_domain_marks(petition: Petition) -> None:
    flood(petition)
    look()
    wave = Wave.objects.get()
    mark = bytes(wave.domain_key or b"")
    assert {"signatures_wave.domain_key", "signatures_standinghold.domain_key"} <= set(traces_of(mark))
    assert erase_old_waves() == 0
    query(
        "UPDATE signatures_wave SET since = since - interval '30 days', last_at = last_at - interval '30 days';"
        "UPDATE signatures_standinghold SET ends_at = now() - interval '16 days';"
        "UPDATE signatures_signature SET domain_key = NULL"
    )
    assert (erase_old_waves(), end_due_holds()) == (1, 1)
    assert traces_of(mark) == []
    assert not Wave.objects.exists()


def test_the_name_of_a_wave_goes_with_those_who_bore_it(petition: Petition) -> None:
    honest(petition, 100)
    rows = [
        factories.make_signature(petition, name="Ivan Zqname", address=f"someone@domain-{number}.other.example")
        for number in range(40)
    ]
    look()
    for row in rows[:-1]:
        row.delete()
    assert erase_old_waves() == 0, "one is left"
    rows[-1].delete()
    assert erase_old_waves() == 1
    assert traces_of("Zqname") == traces_of("zqname") == []


def test_a_purge_leaves_neither_waves_nor_holds(petition: Petition) -> None:
    for number in range(40):
        factories.make_signature(petition, name="Zianon Paźniak", address=f"{number}@{DOMAIN}")
    look()
    assert {"signatures_wave.name"} <= set(traces_of("pazniak"))
    assert StandingHold.objects.count() == 2
    Petition.objects.update(status=PetitionStatus.CLOSED)
    purge_petition(petition=petition, reason="over", actor=None)
    assert not Wave.objects.exists()
    assert not StandingHold.objects.exists()
    assert traces_of("pazniak") == []
    assert look() == 0


def test_a_hold_needs_a_group_and_an_end(petition: Petition) -> None:
    organiser = factories.make_organiser()
    with pytest.raises(ValidationError, match="Nothing says"):
        start_hold(group=StandingHold(petition=petition), actor=organiser)
    group: Group = StandingHold(petition=petition, country="BR")
    with pytest.raises(ValidationError, match="thirty days at most"):
        start_hold(group=group, lifetime=timedelta(days=31), actor=organiser)
    hold = start_hold(group=group, lifetime=timedelta(days=30), actor=organiser)
    assert end_due_holds() == 0
    sign_from(petition, DOMAIN, 1, country="BR")
    assert Signature.objects.latest("pk").state == SignatureState.HELD
    query("UPDATE signatures_standinghold SET ends_at = ends_at + interval '10 years'")
    assert end_due_holds() == 1, "the clock was set back"
    assert not StandingHold.objects.filter(pk=hold.pk).exists()


def test_a_hold_of_one_petition_holds_nobody_of_another(petition: Petition) -> None:
    group: Group = StandingHold(petition=petition, country="BR")
    start_hold(group=group, lifetime=timedelta(days=1), actor=factories.make_organiser())
    other = factories.make_petition()
    sign_from(other, DOMAIN, 1, country="BR")
    assert other.signatures.get().state == SignatureState.CONFIRMED
    sign_from(petition, DOMAIN, 1, country="BR")
    assert petition.signatures.get().state == SignatureState.HELD


def test_one_that_was_held_and_let_count_stays_counted(petition: Petition) -> None:
    flood(petition)
    look()
    sign_from(petition, DOMAIN, 301)
    signature = Signature.objects.latest("pk")
    move_signature(pk=signature.pk, to=SignatureState.CONFIRMED, reason=None, actor=factories.make_organiser())
    look()
    sign_from(petition, DOMAIN, 301, visibility=Visibility.COUNTED.value)
    signature.refresh_from_db()
    assert signature.state == SignatureState.CONFIRMED


@pytest.mark.parametrize(
    "values", [{"action": "fine"}, {"action": "x", "number": "1"}, {"action": "end", "number": "²"}]
)
def test_nothing_else_is_taken(petition: Petition, moderator: Client, values: dict[str, str]) -> None:
    assert moderator.post(waves_path(petition), values).status_code == 400


def test_the_wave_of_another_petition_is_not_decided_on_here(petition: Petition, moderator: Client) -> None:
    other = factories.make_petition()
    flood(petition)
    look()
    assert "It is over already." in press(moderator, other, "fine", Wave.objects.get().pk)
    assert not Wave.objects.get().is_fine


def test_no_wave_is_without_what_its_signatures_have_in_common(petition: Petition) -> None:
    flood(petition)
    look()
    refuses("UPDATE signatures_wave SET domain_key = NULL", by="wave_has_its_condition")
    refuses("UPDATE signatures_wave SET kind = 'NAME'", by="wave_has_its_condition")
    refuses("UPDATE signatures_wave SET last_at = since - interval '1 second'", by="wave_has_its_figures")
    refuses("UPDATE signatures_wave SET is_fine = true", by="wave_looked_at_by_somebody")
    again = "petition_id, domain_key, kind, amount, expected, since, last_at"
    rest = "country, language, visibility, name, state, state_reason, name_review, newest_id, sample_ids, is_fine"
    rest += ", may_hold"
    refuses(
        f"INSERT INTO signatures_wave ({again}, {rest}) SELECT {again}, {rest} FROM signatures_wave",  # noqa: S608
        by="wave_once",
    )
