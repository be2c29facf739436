"""Alerts go by the account: its role, its language, and whether it is still open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from signatures.mailing.alerting import alert_wave
from signatures.mailing.envelopes import Envelope
from signatures.models import AlertNews, AlertWish, Organiser, OutgoingMail, Petition
from signatures.models.choices import MailKind
from signatures.safeguarding.encryption import encrypt
from tests.support import factories
from tests.support.alerts import (
    ADDRESS,
    EVERYTHING,
    PATH,
    enter,
    let_alerts_grow_old,
    owner_of,
    switch_on,
    told,
    type_code,
)
from tests.support.database import query
from tests.support.mailbox import Mailbox, code_in, text_of
from tests.support.page_reading import read, words

pytestmark = pytest.mark.django_db
LogIn = Callable[[str], Client]


@pytest.mark.parametrize("column", ["is_active", "is_staff"])
def test_closing_an_account_ends_its_alerts_however_it_is_closed(
    petition: Petition, organiser: Client, mailbox: Mailbox, column: str
) -> None:
    switch_on(organiser, mailbox)
    alert_wave(petition)
    told(mailbox)
    let_alerts_grow_old(timedelta(days=1))
    alert_wave(petition)
    query("UPDATE signatures_organiser SET username = username")
    assert AlertWish.objects.exists()
    query(f"UPDATE signatures_organiser SET {column} = false WHERE id = %s", [owner_of(organiser).pk])  # noqa: S608
    assert not AlertWish.objects.exists()
    assert not AlertNews.objects.exists()
    assert told(mailbox) == []


def test_closing_an_account_deletes_its_address_and_its_queued_mails(organiser: Client, mailbox: Mailbox) -> None:
    owner = owner_of(organiser)
    assert enter(organiser, "nobody", ()).status_code == 422
    wish = AlertWish.objects.create(organiser=owner, language="en", address_encrypted=Envelope(ADDRESS, "").seal())
    OutgoingMail.objects.create(
        kind=MailKind.ALERT_CHECK,
        wish=wish,
        language="en",
        address_encrypted=wish.address_encrypted,
        secret_encrypted=encrypt("a code"),
    )
    Organiser.objects.filter(pk=owner.pk).update(is_active=False)
    assert not AlertWish.objects.exists()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("", {*EVERYTHING}),
        ("Administrators", {*EVERYTHING}),
        ("Organisers", {*EVERYTHING}),
        ("Moderators", {*EVERYTHING}),
        ("Editors", {"MILESTONE", "MAIL"}),
        ("Auditors", {"MILESTONE", "MAIL"}),
    ],
)
def test_each_role_is_offered_and_told_what_the_desk_shows_to_it(
    petition: Petition, organiser_client: LogIn, mailbox: Mailbox, role: str, offered: set[str]
) -> None:
    client = organiser_client(role)
    page = read(client, PATH)
    assert {kind for kind in EVERYTHING if f'value="{kind}"' in page} == offered
    if "WAVE" not in offered:
        assert enter(client).status_code == 422
        assert not AlertWish.objects.exists()
    switch_on(client, mailbox, kinds=tuple(sorted(offered)))
    alert_wave(petition)
    assert len(told(mailbox)) == ("WAVE" in offered)


def test_who_loses_the_role_is_told_nothing_more(petition: Petition, organiser: Client, mailbox: Mailbox) -> None:
    switch_on(organiser, mailbox)
    alert_wave(petition)
    owner_of(organiser).groups.clear()
    assert told(mailbox) == []
    assert AlertNews.objects.count() == 0
    page = words(read(organiser, PATH))
    # What is stored can still be ended.
    assert "End the alerts" in page or "Alerts go to" in page
    assert organiser.post(PATH, {"action": "end"}).status_code == 302
    assert "There is nothing that this account could be told" in words(read(organiser, PATH))
    assert enter(organiser).status_code == 422


def test_mails_are_in_the_language_of_the_account(mailbox: Mailbox, petition: Petition) -> None:
    client = Client(headers={"accept-language": "ru"})
    owner: Organiser = factories.make_organiser("Organisers")
    client.force_login(owner)
    enter(client)
    (mail,) = mailbox.deliver()
    assert mail["Content-Language"] == "ru"
    Organiser.objects.filter(pk=owner.pk).update(language="en")
    type_code(client, code_in(mail))
    alert_wave(petition)
    (alert,) = told(mailbox)
    assert alert["Content-Language"] == "en"
    assert "Something at your site’s desk waits for you." in text_of(alert)
