"""A petition asks for a second person from the moment it is set, and stops only when a second person agrees."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.test import Client

from signatures.models import Approval, AuditEntry, Membership, Petition
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.database import query, refuses
from tests.support.desk import change_path, save, shown_form
from tests.support.page_reading import read, words
from tests.support.two_people import ask_for_two, page_path, press, somebody

pytestmark = pytest.mark.django_db(transaction=True)


def set_to(client: Client, petition: Petition, *, on: bool, rows: int) -> None:
    """Save the petition's form with another setting."""
    form = {**shown_form(client, change_path(petition)), "four_eyes_from": str(rows)}
    form.pop("four_eyes", None)
    answer = save(client, change_path(petition), form | ({"four_eyes": "on"} if on else {}))
    assert answer.status_code == 302, answer.content.decode()
    petition.refresh_from_db()


def setting(petition: Petition) -> tuple[bool, int]:
    """Return the setting as it is stored."""
    petition.refresh_from_db()
    return petition.four_eyes, petition.four_eyes_from


def test_it_is_switched_on_at_once_and_off_when_a_second_person_agrees(petition: Petition) -> None:
    (one, client), (_, other) = somebody("Organisers"), somebody("Organisers")
    set_to(client, petition, on=True, rows=50)
    assert setting(petition) == (True, 50)
    set_to(client, petition, on=True, rows=20)
    assert setting(petition) == (True, 20)
    assert not Approval.objects.exists()
    for on, rows in ((True, 21), (False, 20)):
        set_to(client, petition, on=on, rows=rows)
        assert petition.four_eyes
        assert petition.four_eyes_from == 20 or not on
        approval = Approval.objects.latest("pk")
        assert "a second person must agree" in words(read(client, change_path(petition)))
        assert "This holds as soon as a second person agrees." in words(read(other, page_path(approval)))
        assert press(client, approval, "agree").status_code == 403
        press(other, approval, "agree")
        assert setting(petition) == (on, rows)
        Petition.objects.filter(pk=petition.pk).update(four_eyes_from=20)
    entries = AuditEntry.objects.filter(action=AuditAction.PETITION_CHANGED, details__has_key="approval")
    assert entries.count() == 2
    assert not entries.filter(actor=one).exists()


def test_the_database_lets_no_page_forget_it(petition: Petition) -> None:
    ask_for_two(petition)
    for change in ("four_eyes = false", "four_eyes_from = four_eyes_from + 1"):
        refuses(f"UPDATE signatures_petition SET {change}", by="a second person must agree")  # noqa: S608
    query("UPDATE signatures_petition SET four_eyes_from = 5, goal = 7 RETURNING id")


def test_who_may_not_publish_sees_it_and_cannot_change_it(petition: Petition) -> None:
    _, client = somebody("Editors")
    form = {**shown_form(client, change_path(petition)), "four_eyes": "on", "four_eyes_from": "1"}
    save(client, change_path(petition), form)
    assert setting(petition) == (False, 100)


def test_the_page_warns_where_nobody_could_agree(petition: Petition) -> None:
    _, client = somebody("Organisers")
    ask_for_two(petition)
    warning = "Nobody could agree to these acts"
    page = words(read(client, change_path(petition)))
    assert warning in page
    assert "Prepare a hand-over" in page
    for _ in range(2):
        other, _theirs = somebody("Auditors")
        Membership.objects.create(organiser=other, petition=petition, role=factories.role_of("Administrators"))
    assert warning not in words(read(client, change_path(petition)))


def test_a_command_on_the_server_switches_it_off_on_record(petition: Petition) -> None:
    ask_for_two(petition)
    told = io.StringIO()
    call_command("ask_one_person", petition.slug, "--reason", "Nobody else is left", stdout=told)
    assert not setting(petition)[0]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.action, entry.reason) == (None, "PETITION_CHANGED", "Nobody else is left")
