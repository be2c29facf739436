"""Waves of fakes are noticed by themselves, told, and held from then on, until an organiser or time ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, OutgoingMail, Petition, Signature, StandingHold, Wave
from signatures.models.choices import AuditAction, PetitionStatus, SignatureState, Visibility, WaveKind
from signatures.models.rule import Group
from signatures.moderating.deciding import move_signature
from signatures.moderating.holds import end_due_holds, start_hold
from signatures.moderating.purging import purge_petition
from signatures.moderating.waves import WaveWatch, erase_old_waves, waiting_waves
from signatures.safeguarding.encryption import decrypt
from tests.support import factories
from tests.support.database import query, refuses, traces_of
from tests.support.page_reading import page_of, read, words
from tests.support.rules import new_path, rules_path
from tests.support.tally_reading import counted

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
FAKES = 300
DOMAIN = "catch-all.example"


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    """Let one network send as many forms as it likes."""
    settings.FORM_RATES = ["100000/m"]


@pytest.fixture
def moderator(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who keeps the list clean."""
    return organiser_client("Moderators")


def sign_from(petition: Petition, domain: str, number: int, **values: str) -> HttpResponse:
    """Sign over the form and confirm by the code of the mail; return the answer to the last."""
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    answer = factories.sign(
        visitor, petition, email=f"someone-{number}@{domain}", **{"name": f"Name {number}", **values}
    )
    assert answer.status_code == 303
    code = decrypt(OutgoingMail.objects.latest("pk").secret_encrypted)
    return factories.confirm(visitor, code)


def flood(petition: Petition, amount: int = 60) -> None:
    """Store invented signatures from one domain, of two minutes."""
    for _ in range(amount):
        factories.make_signature(petition, address=f"fake-{next(factories.NUMBERS)}@{DOMAIN}")
    move_back(petition, "id %% 120 * interval '1 second'")


def move_back(petition: Petition, span: str) -> None:
    """Let all signatures of a petition be older by a span of SQL."""
    query(
        "UPDATE signatures_signature SET first_confirmed_at = first_confirmed_at - span, current_since ="  # noqa: S608
        " current_since - span, last_confirmed_at = last_confirmed_at - span"
        f" FROM (SELECT id AS number, {span} AS span FROM signatures_signature) AS spans"
        " WHERE id = number AND petition_id = %s",
        [petition.pk],
    )


def honest(petition: Petition, amount: int) -> None:
    """Store signatures from as many domains, of some days ago."""
    countries, languages = ("BY", "PL", "LT", "DE"), ("en", "ru")
    for number in range(amount):
        factories.make_signature(
            petition,
            address=f"honest@domain-{number}.example",
            country=countries[number % 4],
            language=languages[number % 2],
        )
    move_back(petition, "interval '3 days'")


def look() -> int:
    """Let the worker look as it does when it has just started."""
    return WaveWatch().look()


def press(client: Client, petition: Petition, action: str, number: int) -> str:
    """Press a button on the page of waves, and return the words of the page that follows."""
    answer = client.post(waves_path(petition), {"action": action, "number": str(number)}, follow=True)
    return words(answer.content.decode())


def waves_path(petition: Petition) -> str:
    """Return the path of the page of waves."""
    return f"/admin/signatures/petition/{petition.pk}/waves/"


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
    assert viewed.values_list("amount", flat=True).get() == 20
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
