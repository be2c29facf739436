"""Mail programs offer to stop confirmation mails by one press, where it gives nobody away (RFC 8058)."""

from __future__ import annotations

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.mailing.rendering import render_mail
from signatures.models import OutgoingMail, Petition, Signature, Suppression
from signatures.models.protection import Protection
from tests.support import factories
from tests.support.database import rows_per_table, rows_written
from tests.support.mailbox import Mailbox, code_in, text_of
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db
ADDRESS = "tired@example.org"
ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture(autouse=True)
def encrypted(settings: Settings) -> None:
    """Let links lead to an encrypted address, as in production."""
    settings.SITE_ORIGIN = "https://testserver"


def press(path: str, **headers: str) -> tuple[int, dict[str, str]]:
    """Send what a provider's server sends: no cookie, nothing that a browser says of a page, one field."""
    answer = Client(enforce_csrf_checks=True).post(
        path, ONE_CLICK, content_type="application/x-www-form-urlencoded", secure=True, headers=headers
    )
    assert not answer.cookies
    return answer.status_code, dict(answer.headers)


def sign(petition: Petition, mailbox: Mailbox, **values: str) -> list[EmailMessage]:
    """Sign, and return the mails that come of it."""
    factories.sign(Client(), petition, email=ADDRESS, **values)
    return mailbox.deliver()


def stop_in(mail: EmailMessage) -> str:
    """Return the path that the header names."""
    found = re.fullmatch(r"<(https://testserver/\S+)>", mail["List-Unsubscribe"])
    assert found
    assert found[1] in text_of(mail)
    return urlsplit(found[1]).path


def test_the_confirmation_mail_of_an_ordinary_petition_offers_it_on_one_line(
    ordinary: Petition, mailbox: Mailbox
) -> None:
    (mail,) = sign(ordinary, mailbox)
    assert mail["List-Unsubscribe-Post"] == ONE_CLICK
    (file,) = mailbox.transport.folder.glob("*.eml")
    lines = [line for line in file.read_bytes().split(b"\r\n") if line.startswith(b"List-Unsubscribe:")]
    assert lines == [f"List-Unsubscribe: <https://testserver{stop_in(mail)}>".encode()]


def test_one_press_stops_confirmation_mails_and_touches_no_signature(ordinary: Petition, mailbox: Mailbox) -> None:
    factories.confirm(Client(), code_in(sign(ordinary, mailbox)[0]))
    (mail,) = sign(ordinary, mailbox)
    waiting = rows_per_table()
    path = stop_in(mail)
    status, headers = press(path)
    assert status == 200
    assert headers["Cache-Control"] == "no-store"
    press(path)
    # The erasure journal learns of it, too.
    assert rows_written(waiting).keys() - {"signatures_ratelimit", "signatures_erasure"} == {"signatures_suppression"}
    assert Suppression.objects.count() == 1
    assert Signature.objects.get().state == "CONFIRMED"
    assert sign(ordinary, mailbox) == []
    # What was sent before still works, and so does the way to take the signature back.
    assert factories.confirm(Client(), code_in(mail)).status_code == 303
    Client().post(page_of(ordinary, "my_signature_request"), {"email": ADDRESS})
    assert len(mailbox.deliver()) == 1


def test_a_program_that_only_looks_stops_nothing(ordinary: Petition, mailbox: Mailbox) -> None:
    path = stop_in(sign(ordinary, mailbox)[0])
    for method in ("get", "head", "options"):
        getattr(Client(), method)(path, secure=True)
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("sent", [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}])
def test_another_site_cannot_press_it_in_a_visitors_browser(
    ordinary: Petition, mailbox: Mailbox, sent: dict[str, str]
) -> None:
    path = stop_in(sign(ordinary, mailbox)[0])
    assert press(path, **sent)[0] == 403
    assert not Suppression.objects.exists()


def test_what_is_no_link_of_ours_stops_nothing(ordinary: Petition, mailbox: Mailbox) -> None:
    path = stop_in(sign(ordinary, mailbox)[0])
    assert press(path[:-9] + "AAAAAAAA/")[0] == 404
    assert not Suppression.objects.exists()


def test_no_mail_of_a_guarded_petition_offers_it(petition: Petition, mailbox: Mailbox) -> None:
    (mail,) = sign(petition, mailbox)
    assert not [name for name in mail if name.lower().startswith("list-")]


def test_a_petition_whose_protection_is_raised_offers_it_in_no_mail_that_still_waits(ordinary: Petition) -> None:
    factories.sign(Client(), ordinary, email=ADDRESS)
    Petition.objects.filter(pk=ordinary.pk).update(protection=Protection.GUARDED)
    ordinary.refresh_from_db()
    factories.publish_next(ordinary)
    mail = render_mail(OutgoingMail.objects.get())
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None


def test_a_link_to_ones_signature_does_not_promise_to_be_the_last(ordinary: Petition, mailbox: Mailbox) -> None:
    Client().post(page_of(ordinary, "my_signature_request"), {"email": ADDRESS})
    (mail,) = mailbox.deliver()
    assert mail["List-Unsubscribe"] is None


def test_without_encryption_nothing_is_offered(ordinary: Petition, mailbox: Mailbox, settings: Settings) -> None:
    settings.SITE_ORIGIN = "http://testserver"
    assert sign(ordinary, mailbox)[0]["List-Unsubscribe"] is None


def test_it_looks_the_same_whatever_the_address_has_done(ordinary: Petition, mailbox: Mailbox) -> None:
    (first,) = sign(ordinary, mailbox)
    factories.confirm(Client(), code_in(first))
    (second,) = sign(ordinary, mailbox)
    assert first.keys() == second.keys()
    assert len(stop_in(first)) == len(stop_in(second))
