"""An organiser chooses what to be told by mail, confirms the address, and ends it; nobody else learns the address."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from pytest_django import Settings

from signatures import tokens
from signatures.mailing.alert_wishes import note_refused, renew_addresses
from signatures.mailing.alerting import alert_wave
from signatures.models import AlertNews, AlertWish, AuditEntry, OutgoingMail, Petition, Suppression
from signatures.models.choices import AuditAction, MailKind
from signatures.safeguarding import keys
from tests.support.alerts import (
    ADDRESS,
    PATH,
    enter,
    let_alerts_grow_old,
    owner_of,
    switch_on,
    told,
    type_code,
)
from tests.support.database import query, refuses, traces_of
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.page_reading import read, words

pytestmark = pytest.mark.django_db
LogIn = Callable[[str], Client]
WEEK = timedelta(days=8)


def test_an_address_is_told_nothing_before_its_code_was_typed(
    petition: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    assert enter(organiser).status_code == 302
    (mail,) = mailbox.deliver()
    assert mail["To"] == ADDRESS
    assert mail["Subject"] == "Please confirm your e-mail address"
    assert paths_in(mail)[0] == PATH
    page = words(read(organiser, PATH))
    assert "We send a mail with a code to o…@example.org" in page
    assert ADDRESS not in page
    alert_wave(petition)
    assert told(mailbox) == []
    assert AlertNews.objects.count() == 0
    assert type_code(organiser, code_in(mail).lower()).status_code == 302
    assert "Alerts go to o…@example.org" in words(read(organiser, PATH))
    alert_wave(petition)
    assert [mail["To"] for mail in told(mailbox)] == [ADDRESS]


def test_a_wrong_address_gets_one_mail_at_most_however_often_it_is_entered(
    organiser: Client, organiser_client: LogIn, mailbox: Mailbox
) -> None:
    for _ in range(3):
        assert enter(organiser, "wrong@example.org").status_code == 302
        assert enter(organiser, "Wrong@Example.org", ("WAVE",)).status_code == 302
    assert len(mailbox.deliver()) == 1
    # Nor from a colleague on the same day.
    assert enter(organiser_client("Moderators"), "wrong@example.org", ("WAVE",)).status_code == 302
    assert mailbox.deliver() == []
    # Whoever it belongs to can stop them for good.
    stop = paths_in(mailbox.messages()[0])[1]
    assert Client(headers={"sec-fetch-site": "same-origin"}).post(stop).status_code == 200
    assert Suppression.objects.count() == 1
    query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
    assert mailbox.deliver() == []
    assert OutgoingMail.objects.count() == 0


def test_nobody_has_the_site_write_to_a_row_of_strangers(organiser: Client, mailbox: Mailbox) -> None:
    for number in range(3):
        assert enter(organiser, f"{number}@example.org").status_code == 302
    refused = enter(organiser, "3@example.org")
    assert refused.status_code == 422
    assert "Three addresses were entered today." in words(refused)
    # Ending and beginning anew does not help, but the next day does.
    organiser.post(PATH, {"action": "end"})
    assert enter(organiser, "4@example.org").status_code == 422
    assert mailbox.deliver() == []
    let_alerts_grow_old(timedelta(days=1))
    assert enter(organiser, "5@example.org").status_code == 302
    assert [mail["To"] for mail in mailbox.deliver()] == ["5@example.org"]


def test_only_the_code_that_was_sent_to_this_address_counts_and_for_a_week(
    organiser: Client, organiser_client: LogIn, mailbox: Mailbox
) -> None:
    enter(organiser, "old@example.org")
    (old,) = mailbox.deliver()
    enter(organiser)
    (mail,) = mailbox.deliver()
    for code in (code_in(old), tokens.new_code()):
        answer = type_code(organiser, code)
        assert answer.status_code == 422
        assert "This is not the code that we sent" in words(answer)
    assert type_code(organiser, "no code").status_code == 422
    assert type_code(organiser_client("Organisers"), code_in(mail)).status_code == 422
    let_alerts_grow_old(WEEK)
    assert type_code(organiser, code_in(mail)).status_code == 422
    assert not AlertWish.objects.filter(confirmed_at__isnull=False).exists()
    # After that it can be sent another.
    enter(organiser)
    (again,) = mailbox.deliver()
    assert type_code(organiser, code_in(again)).status_code == 302


def test_another_address_takes_the_place_of_the_first_and_is_confirmed_anew(
    petition: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    wish = switch_on(organiser, mailbox)
    alert_wave(petition)
    assert enter(organiser, "other@example.org").status_code == 302
    assert [mail["To"] for mail in told(mailbox)] == ["other@example.org"]
    alert_wave(petition)
    assert told(mailbox) == []
    # What was ticked can be changed without typing the address.
    assert type_code(organiser, code_in(mailbox.messages()[-1])).status_code == 302
    assert enter(organiser, "", ("MAIL",)).status_code == 302
    wish.refresh_from_db()
    assert wish.kinds == ["MAIL"]
    assert wish.confirmed_at is not None


def test_ending_deletes_the_address_and_what_waits(petition: Petition, organiser: Client, mailbox: Mailbox) -> None:
    wish = switch_on(organiser, mailbox)
    alert_wave(petition)
    assert organiser.post(PATH, {"action": "end"}, follow=True).status_code == 200
    wish.refresh_from_db()
    assert (wish.address_encrypted, wish.confirmed_at, wish.kinds) == (None, None, [])
    assert told(mailbox) == []
    assert AlertNews.objects.count() == 0
    assert "Alerts go to" not in words(read(organiser, PATH))


def test_the_link_in_the_mail_ends_them_without_a_login_and_only_by_its_button(
    petition: Petition, organiser: Client, mailbox: Mailbox, visitor: Client
) -> None:
    wish = switch_on(organiser, mailbox)
    alert_wave(petition)
    (mail,) = told(mailbox)
    desk, stop = paths_in(mail)
    assert desk == "/admin/"
    page = read(visitor, stop)
    assert "Shall we send no more alerts to this address?" in words(page)
    assert ADDRESS not in page
    wish.refresh_from_db()
    assert wish.confirmed_at is not None
    first = visitor.post(stop)
    wish.refresh_from_db()
    assert wish.address_encrypted is None
    assert (AuditEntry.objects.latest("pk").actor, AuditEntry.objects.latest("pk").details) == (None, {"kinds": []})
    # The same answer to whoever tries it again, and to the link in a mail to an earlier address.
    switch_on(organiser, mailbox, "new@example.org")
    assert visitor.post(stop).content == first.content
    wish.refresh_from_db()
    assert wish.confirmed_at is not None
    # No token of another kind passes, nor part of this one.
    other = tokens.no_mail_token(keys.mail_key(ADDRESS))
    for broken in (f"/en/no-alerts/{other}/", f"{stop[:-3]}/", "/en/no-alerts/-/"):
        assert visitor.post(broken).status_code == 404
    assert visitor.post(stop.replace("no-alerts", "no-mail")).status_code == 404
    assert visitor.post(stop, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_the_address_stands_nowhere_in_clear_and_the_audit_says_only_what_was_ticked(
    petition: Petition, organiser: Client, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "signatures")
    switch_on(organiser, mailbox)
    alert_wave(petition)
    told(mailbox)
    assert traces_of(ADDRESS, "organiser@", ADDRESS.encode()) == []
    # Neither hashed as the signers' and the mails' keys are.
    hashes = [*keys.email_keys(petition.pk, ADDRESS), *keys.mail_keys(ADDRESS)]
    assert traces_of(*hashes) == []
    entry = AuditEntry.objects.get(action=AuditAction.ALERTS_CHANGED)
    assert entry.actor == owner_of(organiser)
    assert entry.details == {"kinds": ["MAIL", "MILESTONE", "WAVE"]}
    assert "example.org" not in caplog.text
    for path in ("/admin/", "/admin/signatures/organiser/", "/admin/signatures/auditentry/"):
        assert "example.org" not in organiser.get(path).content.decode().replace("contact@example.org", "")


def test_a_refused_address_is_forgotten_and_the_page_says_so(organiser: Client, mailbox: Mailbox) -> None:
    wish = switch_on(organiser, mailbox)
    note_refused(wish.pk, "another@example.org")
    wish.refresh_from_db()
    assert wish.confirmed_at is not None
    note_refused(wish.pk, ADDRESS)
    wish.refresh_from_db()
    assert wish.address_encrypted is None
    assert "Your address was refused on" in words(read(organiser, PATH))
    switch_on(organiser, mailbox, "better@example.org", ("MAIL",))
    assert "was refused" not in words(read(organiser, PATH))


def test_a_form_that_lacks_something_says_so_and_stores_nothing(organiser: Client, mailbox: Mailbox) -> None:
    for values, sentence in (
        ({"email": ADDRESS}, "Tick at least one"),
        ({"kinds": ["MAIL"]}, "Check the address"),
        ({"email": "nobody", "kinds": ["MAIL"]}, "Check the address"),
        ({"email": "a@gmial.com", "kinds": ["MAIL"]}, "Did you mean a@gmail.com?"),
    ):
        answer: Any = organiser.post(PATH, {"action": "save", **values})
        assert answer.status_code == 422
        assert sentence in words(answer)
    assert not AlertWish.objects.exists()
    assert organiser.post(PATH, {"action": "save", "email": "a@gmial.com", "kinds": ["MAIL"]}).status_code == 422
    chosen = {"action": "save", "email": "a@gmial.com", "email_choice": "a@gmail.com", "kinds": ["MAIL"]}
    assert organiser.post(PATH, chosen).status_code == 302
    assert [mail["To"] for mail in mailbox.deliver()] == ["a@gmail.com"]
    assert organiser.post(PATH, {"action": "else"}).status_code == 400


def test_an_address_is_readable_under_a_new_key_once_the_old_one_is_dropped(
    petition: Petition, organiser: Client, mailbox: Mailbox, settings: Settings
) -> None:
    wish = switch_on(organiser, mailbox)
    old, new = settings.ENCRYPTION_KEYS, Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *old]
    renew_addresses()
    settings.ENCRYPTION_KEYS = [new]
    alert_wave(petition)
    assert [mail["To"] for mail in told(mailbox)] == [ADDRESS]
    # One whose key is lost is asked for again.
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    renew_addresses()
    wish.refresh_from_db()
    assert wish.address_encrypted is None
    assert "Alerts go to" not in words(read(organiser, PATH))


def test_the_database_refuses_what_no_page_can_ask_for(petition: Petition, organiser: Client, mailbox: Mailbox) -> None:
    switch_on(organiser, mailbox)
    alert_wave(petition)
    refuses("UPDATE signatures_alertwish SET kinds = '{ELSE}'", by="alert_kinds_known")
    refuses("UPDATE signatures_alertwish SET address_encrypted = NULL", by="alert_address_confirmed")
    refuses("UPDATE signatures_alertwish SET code_hash = 'x'", by="alert_code_spent")
    refuses("UPDATE signatures_alertnews SET petition_id = NULL", by="alert_news_about")
    refuses("UPDATE signatures_alertnews SET told_at = now()", by="alert_news_told_by_mail")
    refuses("UPDATE signatures_alertnews SET began_at = now()", by="alert_news_span")
    refuses(
        "INSERT INTO signatures_alertnews (wish_id, kind) SELECT wish_id, 'MAIL' FROM signatures_alertnews"
        " CROSS JOIN (VALUES (1), (2)) AS two",
        by="alert_news_once",
    )
    told(mailbox)
    let_alerts_grow_old(timedelta(days=1))
    alert_wave(petition)
    enter(organiser, "other@example.org")
    refuses("UPDATE signatures_outgoingmail SET wish_id = NULL", by="mail_to_signer_or_organiser")
    refuses("UPDATE signatures_outgoingmail SET petition_id = %s", petition.pk, by="mail_to_signer_or_organiser")
    refuses("UPDATE signatures_outgoingmail SET email_keys = '{}'", by="mail_about_an_attempt")
    assert OutgoingMail.objects.get().kind == MailKind.ALERT_CHECK
