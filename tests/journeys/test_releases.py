"""Releases: nothing that anyone may read changes for a few people, nor at a moment that tells of anybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from signatures.counting import releasing
from signatures.counting.figures import Figures, Plan
from signatures.counting.releasing import make_releases
from signatures.models import Movement, Petition, Signature
from signatures.models.choices import SignatureState, Visibility
from signatures.moderating.purging import purge_petition
from signatures.signing.my_signature import lower_visibility, withdraw_signature
from tests.support import factories
from tests.support.database import query, refuses
from tests.support.mailbox import Mailbox
from tests.support.page_reading import in_language, page_of, read, words
from tests.support.releases import move_to, release, sign_hidden, sign_publicly
from tests.support.tally_reading import counted, sign_and_confirm, subject_of

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
PUBLIC = (
    *("petition", "signers", "deliveries", "updates", "feed", "ledger", "ledger_json", "thanks"),
    *("card", "qr", "badge"),
)


def everything_public(petition: Petition) -> dict[str, bytes]:
    """Return all that anyone may read of a petition, asked of a process that has kept nothing."""
    paths = [page_of(petition, name, language) for name in PUBLIC for language in ("en", "ru")]
    paths += [f"/api/petitions/{petition.slug}.{kind}" for kind in ("json", "csv")]
    paths += ["/en/", "/ru/", "/sitemap.xml", "/en/privacy/"]
    return {path: Client().get(path).content for path in paths}


@LANGUAGES
def test_below_ten_the_pages_say_so_in_words_and_the_desk_knows_the_number(petition: Petition, language: str) -> None:
    sign_hidden(petition, 9)
    assert not release(petition)
    few = in_language("Fewer than ten so far", language)
    assert few in words(read(Client(), page_of(petition, language=language)))
    assert few in words(read(Client(), f"/{language}/"))
    assert Client().get(f"/api/petitions/{petition.slug}.json").json()["signature_count"] is None
    assert counted(petition) == "9"
    sign_hidden(petition, 1)
    assert release(petition)
    assert "<strong>10</strong>" in read(Client(), page_of(petition, language=language))
    assert Client().get(f"/api/petitions/{petition.slug}.json").json()["signature_count"] == 10


def test_an_ordinary_petition_has_a_live_count_and_its_names_at_once() -> None:
    petition = factories.make_petition(protection="ORDINARY")
    sign_publicly(petition, "Anna Parkova")
    assert "<strong>1</strong>" in read(Client(), page_of(petition))
    assert "Anna Parkova" in read(Client(), page_of(petition, "signers"))
    api = Client().get(f"/api/petitions/{petition.slug}.json").json()
    assert (api["signature_count"], api["by_country"]) == (1, {})
    assert ledger_days(petition) == []


def ledger_days(petition: Petition) -> list[dict[str, Any]]:
    return list(Client().get(page_of(petition, "ledger_json")).json()["days"])


@pytest.mark.parametrize("deed", ["confirm", "change", "lower", "withdraw", "remove", "hold"])
def test_one_persons_deed_changes_nothing_that_anyone_may_read(petition: Petition, mailbox: Mailbox, deed: str) -> None:
    sign_hidden(petition, 14)
    if deed != "confirm":
        sign_and_confirm(petition, mailbox, visibility="DELIVERED")
    assert release(petition)
    before = everything_public(petition)
    deeds: dict[str, Callable[[], object]] = {
        "confirm": lambda: sign_and_confirm(petition, mailbox, visibility="PUBLIC"),
        "change": lambda: sign_and_confirm(petition, mailbox, visibility="PUBLIC", country="LT"),
        "lower": lambda: lower_visibility(subject=subject_of(petition), to=Visibility.COUNTED),
        "withdraw": lambda: withdraw_signature(subject=subject_of(petition)),
        "remove": lambda: move(petition, SignatureState.REMOVED),
        "hold": lambda: move(petition, SignatureState.HELD),
    }
    deeds[deed]()
    assert counted(petition) == {"confirm": "15", "change": "15", "lower": "15"}.get(deed, "14")
    assert not release(petition), "one person waits"
    assert everything_public(petition) == before


def move(petition: Petition, state: SignatureState) -> None:
    move_to(Signature.objects.filter(petition=petition).latest("id"), state)


def test_somebody_who_signs_and_withdraws_ten_times_is_one_person(petition: Petition, mailbox: Mailbox) -> None:
    sign_hidden(petition, 10)
    assert release(petition)
    for _ in range(3):
        sign_and_confirm(petition, mailbox, visibility="PUBLIC")
        assert Movement.objects.people() == 1
        lower_visibility(subject=subject_of(petition), to=Visibility.COUNTED)
        assert Movement.objects.people() == 1
        withdraw_signature(subject=subject_of(petition))
        # Neither was in any release.
        assert not Movement.objects.exists()
    assert not release(petition)


def test_who_was_counted_withdraws_and_signs_again_is_one_person(petition: Petition, mailbox: Mailbox) -> None:
    sign_hidden(petition, 10)
    sign_and_confirm(petition, mailbox, visibility="DELIVERED")
    assert release(petition)
    withdraw_signature(subject=subject_of(petition))
    assert Movement.objects.people() == 1
    sign_and_confirm(petition, mailbox, visibility="DELIVERED")
    assert Movement.objects.people() == 1


def test_who_was_removed_and_then_withdraws_goes_on_being_one_person(petition: Petition, mailbox: Mailbox) -> None:
    sign_hidden(petition, 10)
    sign_and_confirm(petition, mailbox, visibility="DELIVERED")
    assert release(petition)
    move(petition, SignatureState.REMOVED)
    withdraw_signature(subject=subject_of(petition))
    assert list(Movement.objects.values_list("was_counted", "is_counted", "is_gone")) == [(True, False, True)]


def test_what_waits_for_an_organiser_moves_nothing(petition: Petition) -> None:
    for _ in range(12):
        factories.make_signature(petition, state="HELD", state_reason="HONEYPOT")
    assert not Movement.objects.exists()
    assert not release(petition)


def test_public_names_come_with_the_release_that_counts_them_and_leave_at_once(petition: Petition) -> None:
    (anna, *_) = sign_publicly(petition, "Anna Waits", *(f"Somebody {n}" for n in range(11)))
    sign_hidden(petition, 10)
    assert "Anna Waits" not in read(Client(), page_of(petition, "signers"))
    assert release(petition)
    assert "Anna Waits" in read(Client(), page_of(petition, "signers"))
    before = read(Client(), page_of(petition))
    # What is withdrawn does not wait.
    anna.delete()
    assert "Anna Waits" not in read(Client(), page_of(petition, "signers"))
    assert read(Client(), page_of(petition)) == before


def test_a_name_that_would_tell_of_a_hidden_signer_waits(petition: Petition) -> None:
    sign_publicly(petition, *(f"Somebody {n}" for n in range(9)), country="LT")
    sign_hidden(petition, 1, country="LT")
    assert release(petition)
    # Ten count; with nine names everybody would know that one is hidden.
    assert Client().get(f"/api/petitions/{petition.slug}.json").json()["by_country"] == {"LT": 10}
    assert "Somebody" not in read(Client(), page_of(petition, "signers"))
    sign_hidden(petition, 20, country="LT")
    assert release(petition)
    assert read(Client(), page_of(petition, "signers")).count("Somebody") == 9


def test_names_that_come_with_a_release_are_chosen_at_random_and_not_by_who_signed_first(petition: Petition) -> None:
    for number in range(8):
        sign_publicly(petition, f"Name {number}")
    # By chance those who came last stand first.
    query("UPDATE signatures_signature SET place = 1000000 - id")
    releasing._store(petition, 1, Plan(Figures(), {"LT": 3}))
    listed = Signature.objects.filter(is_listed=True).order_by("pk").values_list("name", flat=True)
    assert list(listed) == ["Name 5", "Name 6", "Name 7"]


def test_another_name_of_a_public_signer_waits_and_the_old_one_goes(petition: Petition, mailbox: Mailbox) -> None:
    sign_hidden(petition, 10)
    sign_publicly(petition, *(f"Somebody {n}" for n in range(10)))
    sign_and_confirm(petition, mailbox, visibility="PUBLIC", name="First Name", country="LT")
    assert release(petition)
    assert "First Name" in read(Client(), page_of(petition, "signers"))
    sign_and_confirm(petition, mailbox, visibility="PUBLIC", name="Second Name", country="LT")
    names = read(Client(), page_of(petition, "signers"))
    assert "First Name" not in names
    assert "Second Name" not in names


def test_the_list_of_names_says_nothing_of_when_somebody_signed_first(petition: Petition) -> None:
    early = factories.make_signature(petition, visibility=Visibility.COUNTED)
    sign_hidden(petition, 10)
    assert release(petition)
    sign_publicly(petition, *(f"Somebody {n:02}" for n in range(30)))
    sign_hidden(petition, 20)
    # Who signed silently first and raised later is one of those of today.
    Signature.objects.filter(pk=early.pk).update(visibility="PUBLIC", name="Somebody Early", country="LT")
    assert release(petition)
    text = read(Client(), page_of(petition, "signers"))
    places = list(re.findall(r"Somebody (?:\d\d|Early)", text))
    assert len(places) == 31
    by_row = [f"Somebody {n:02}" for n in range(30)]
    without = [name for name in places if name != "Somebody Early"]
    assert without not in (by_row, by_row[::-1])


def test_pages_of_names_lead_on_by_cursors_that_say_nothing(petition: Petition) -> None:
    petition = factories.make_petition(protection="ORDINARY")
    sign_publicly(petition, *(f"Somebody {n:03}" for n in range(250)))
    seen: list[str] = []
    path = page_of(petition, "signers")
    while True:
        text = read(Client(), path)
        seen += re.findall(r"Somebody \d{3}", text)
        found = re.search(r'href="(\?after=([^"]+))">', text.partition("Earlier names")[0])
        if "Earlier names" not in text or found is None:
            break
        assert not found.group(2).isdigit()
        assert found.group(2) not in {str(pk) for pk in Signature.objects.values_list("pk", flat=True)}
        path = page_of(petition, "signers") + found.group(1)
    assert len(seen) == len(set(seen)) == 250


def test_a_release_stays_as_it_was(petition: Petition) -> None:
    sign_hidden(petition, 10)
    assert release(petition)
    refuses("UPDATE signatures_release SET made_at = now()", by="cannot be changed")
    refuses("DELETE FROM signatures_release", by="cannot be changed")


def test_the_ledger_tells_of_steps_and_adds_up_to_the_count(petition: Petition, mailbox: Mailbox) -> None:
    signed = sign_hidden(petition, 30)
    assert release(petition, ago=timedelta(days=3))
    for signature in signed[:4]:
        move_to(signature, SignatureState.REMOVED)
    sign_hidden(petition, 14)
    assert release(petition, ago=timedelta(days=2))
    for signature in signed[4:12]:
        move_to(signature, SignatureState.REMOVED)
    sign_hidden(petition, 18)
    assert release(petition)
    days = ledger_days(petition)
    assert [day["count"] for day in days] == [30, 40, 50]
    assert [(day["confirmed"], day["removed"], day["untold"]) for day in days] == [
        (30, 0, 0),
        (0, 0, 10),
        (32, 12, -10),
    ]
    signs = {"confirmed": 1, "paper": 1, "imported": 1, "restored": 1, "corrected": 1, "untold": 1}
    signs |= {"withdrawn": -1, "removed": -1}
    assert sum(sign * day[column] for day in days for column, sign in signs.items()) == 50
    assert all(not amount or abs(amount) >= 10 for day in days for amount in list(day.values())[1:])


def test_after_the_purge_the_last_release_stays_and_nothing_waits(petition: Petition) -> None:
    sign_hidden(petition, 12)
    assert release(petition)
    sign_hidden(petition, 3)
    Petition.objects.update(status="CLOSED")
    petition.refresh_from_db()
    purge_petition(petition=petition, reason="over", actor=None)
    assert not Movement.objects.exists()
    assert make_releases() == 0
    assert "<strong>12</strong>" in read(Client(), page_of(petition))


def test_names_of_an_ordinary_petition_wait_from_the_text_on_that_guards_them() -> None:
    petition = factories.make_petition(protection="ORDINARY")
    sign_publicly(petition, *(f"Somebody {n}" for n in range(12)))
    assert release(petition)
    assert "Somebody" in read(Client(), page_of(petition, "signers"))
    petition.protection = "GUARDED"
    petition.save()
    factories.publish_next(petition)
    assert "Somebody" not in read(Client(), page_of(petition, "signers"))
    assert "<strong>12</strong>" in read(Client(), page_of(petition))


def test_the_desk_shows_the_exact_count_to_those_who_may_see_petitions(
    petition: Petition, organiser_client: Callable[[str], Client]
) -> None:
    sign_hidden(petition, 3)
    factories.make_petition()
    text = read(organiser_client("Editors"), "/admin/signatures/petition/")
    assert re.findall(r'class="field-counted">([^<]*)<', text) in (["3", "0"], ["0", "3"])
