"""The command that creates the first account."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.test import Client

from signatures.models import Organiser
from tests.support import factories

pytestmark = pytest.mark.django_db


def ensure_organiser() -> str:
    """Run the command and return what it prints."""
    out = io.StringIO()
    call_command("ensure_organiser", stdout=out)
    return out.getvalue()


def test_the_first_account_is_an_administrator_whose_password_is_printed_on_its_own_line() -> None:
    password = ensure_organiser().removesuffix("\n")
    assert len(password) >= 20
    organiser = Organiser.objects.get()
    assert (organiser.username, organiser.is_superuser, organiser.is_staff) == ("organiser", True, True)
    assert password not in organiser.password
    answer = Client().post("/admin/login/", {"username": "organiser", "password": password})
    assert answer.status_code == 302


def test_a_password_is_printed_once_and_the_account_left_alone() -> None:
    ensure_organiser()
    stored = Organiser.objects.get().password
    assert ensure_organiser() == ""
    assert Organiser.objects.get().password == stored


def test_no_account_is_added_if_there_is_one() -> None:
    factories.make_organiser("Auditors")
    assert ensure_organiser() == ""
    assert not Organiser.objects.filter(username="organiser").exists()
