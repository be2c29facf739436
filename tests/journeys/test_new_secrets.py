"""What changing a secret does to what is under way: what the table in docs/operations.md says."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from signatures.models import OutgoingMail, Petition, Suppression
from signatures.models.choices import MailKind
from tests.support import factories
from tests.support.mail_counts import drawn_limit
from tests.support.mailbox import Mailbox, paths_in
from tests.support.page_reading import page_of

LogIn = Callable[[str], Client]
OLD, NEW = "an old secret of the tests " + "o" * 40, "a new secret of the tests " + "n" * 40
ADDRESS = "signer@example.org"
METRICS = "/-/metrics"
pytestmark = pytest.mark.django_db


def opens_the_desk(client: Client) -> bool:
    """Return whether a session leads to the desk, and not to the login."""
    return client.get("/admin/").status_code == 200


def bearer(token: str) -> int:
    """Return how the metrics are answered to whoever bears a token."""
    return Client().get(METRICS, headers={"authorization": f"Bearer {token}"}).status_code


def ask_for_link(petition: Petition, mailbox: Mailbox) -> int:
    """Ask for a link to one's signature, and return how many mails were sent."""
    answer = cast("HttpResponse", Client().post(page_of(petition, "my_signature_request"), {"email": ADDRESS}))
    assert answer.status_code == 200
    return len(mailbox.deliver())


def test_a_session_lasts_while_the_old_key_is_a_fallback_and_ends_without_it(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    organiser = factories.make_organiser()
    early, late = Client(), Client()
    for client in (early, late):
        client.force_login(organiser)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert opens_the_desk(early)
    # Whoever came while both were known is bound to the new one.
    settings.SECRET_KEY_FALLBACKS = []
    assert opens_the_desk(early)
    assert not opens_the_desk(late)


def test_a_login_form_shown_under_the_old_key_is_taken_under_the_new_one(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    organiser, client = factories.make_organiser(), Client(enforce_csrf_checks=True)
    client.get("/admin/login/")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    form = {"username": organiser.username, "password": factories.PASSWORD}
    token = {"x-csrftoken": client.cookies["csrf"].value}
    assert client.post("/admin/login/", form, headers=token).status_code == 302
    assert opens_the_desk(client)


def test_with_a_new_mail_key_the_days_count_begins_anew_and_nobody_is_on_the_list_of_those_who_want_no_mail(
    petition: Petition, visitor: Client, mailbox: Mailbox, settings: Settings
) -> None:
    settings.MAIL_KEY_SECRET = OLD
    limit = drawn_limit(petition, MailKind.MY_SIGNATURE, address=ADDRESS)
    assert [ask_for_link(petition, mailbox) for _ in range(limit + 1)] == [*[1] * limit, 0]
    (stop,) = {path for path in paths_in(mailbox.messages()[0]) if "no-mail" in path}
    settings.MAIL_KEY_SECRET = NEW
    assert ask_for_link(petition, mailbox) == 1
    settings.MAIL_KEY_SECRET = OLD
    assert visitor.post(stop).status_code == 200
    factories.sign(visitor, petition, email=ADDRESS)
    assert mailbox.deliver() == []
    settings.MAIL_KEY_SECRET = NEW
    factories.sign(visitor, petition, email=ADDRESS)
    assert len(mailbox.deliver()) == 1
    assert Suppression.objects.count() == 1
    # One was over the limit, and waits.
    assert OutgoingMail.objects.count() == 1


def test_a_new_metrics_token_opens_and_the_old_one_does_not(settings: Settings) -> None:
    settings.METRICS_TOKEN = OLD
    assert (bearer(OLD), bearer(NEW)) == (200, 404)
    settings.METRICS_TOKEN = NEW
    assert (bearer(OLD), bearer(NEW)) == (404, 200)
