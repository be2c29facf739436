"""Trying the site out on one machine: the page after the form links to its mail, for the browser that sent it alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from signatures.models import Attempt, Petition, Signature
from signatures.signing.trial_mail import LIFETIME_SECONDS
from tests.support import factories
from tests.support.mailbox import Mailbox, paths_in
from tests.support.page_reading import page_of, read

pytestmark = pytest.mark.django_db
LINK = re.compile(r'class="notice tryout".*?<a class="button" href="([^"]+)"', re.DOTALL)


@pytest.fixture(autouse=True)
def local_start(settings: Settings, mailbox: Mailbox) -> None:
    """Run as ``make run`` does."""
    settings.LOCAL_START = True
    settings.BIND = ["127.0.0.1:8000"]
    settings.ALLOWED_HOSTS = ["*"]


def browser(host: str = "localhost:8000", **headers: str) -> Client:
    """Return a browser, as it would arrive through a proxy that adds nothing, too."""
    return Client(headers={"sec-fetch-site": "same-origin", "host": host, **headers})


def send_form(client: Client, petition: Petition, language: str = "en", **values: str) -> str:
    """Sign, and return where the browser is led to."""
    answer = factories.sign(client, petition, language, **values)
    assert answer.status_code == 303
    return answer["Location"]


def link_on(client: Client, path: str) -> str | None:
    """Return the link that a page shows, or None."""
    found = LINK.search(read(client, path))
    return found.group(1) if found else None


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost", "127.0.0.1", "[::1]"])
def test_whoever_sent_a_form_is_led_to_its_own_mail_and_can_confirm(
    petition: Petition, mailbox: Mailbox, language: str, host: str
) -> None:
    client = browser(host)
    path = send_form(client, petition, language)
    send_form(browser(host), petition, language, email="later@example.org")
    link = link_on(client, path)
    first, _ = mailbox.deliver()
    assert link == paths_in(first)[0]
    assert factories.confirm(client, link.split("/")[-2], language).status_code == 303
    assert Signature.objects.count() == 1


def test_a_stranger_behind_a_plain_proxy_sees_no_link_of_anybody(petition: Petition) -> None:
    # Such a proxy asks as if it were the browser at the machine.
    send_form(browser(), petition)
    stranger = browser()
    for path in (
        page_of(petition, "sent"),
        page_of(petition, "sent") + "?tryout=",
        page_of(petition, "sent") + "?tryout=x",
    ):
        assert link_on(stranger, path) is None
    mine = send_form(stranger, petition, email="stranger@example.org")
    link = link_on(stranger, mine)
    assert link is not None
    factories.confirm(stranger, link.split("/")[-2])
    assert Attempt.objects.filter(confirmed_at__isnull=True).count() == 1
    assert Signature.objects.count() == 1


def test_no_link_to_somebodys_signature_is_ever_shown(petition: Petition, mailbox: Mailbox) -> None:
    path = send_form(browser(), petition)
    browser().post(page_of(petition, "my_signature_request"), {"email": "a@example.org"})
    assert [mail["Subject"] for mail in mailbox.deliver()][-1] != ""
    assert "/confirm/" in str(link_on(browser(), path))
    assert "/my-signature/" not in re.sub(r'href="[^"]*/my-signature/"', "", read(browser(), path))


def test_a_ticket_is_good_for_ten_minutes_and_cannot_be_made_up(petition: Petition) -> None:
    path = send_form(browser(), petition)
    with time_machine.travel(now() + timedelta(seconds=LIFETIME_SECONDS - 5)):
        assert link_on(browser(), path) is not None
    with time_machine.travel(now() + timedelta(seconds=LIFETIME_SECONDS + 5)):
        assert link_on(browser(), path) is None
    head, _, ticket = path.partition("=")
    for forged in (ticket[:-1], ticket[1:], ticket.swapcase(), "%00", "a" * 5000):
        assert link_on(browser(), f"{head}={forged}") is None


def test_the_code_does_not_stand_in_the_address(petition: Petition, mailbox: Mailbox) -> None:
    path = send_form(browser(), petition)
    code = paths_in(mailbox.deliver()[0])[0].split("/")[-2]
    assert code not in path
    assert code.replace("-", "") not in path


@pytest.mark.parametrize("host", ["petition.example.org", "192.0.2.1:8000", "localhost.example.org", "127.0.0.1.evil"])
def test_under_another_host_there_is_no_ticket_and_none_is_taken(petition: Petition, host: str) -> None:
    assert send_form(browser(host), petition) == page_of(petition, "sent")
    assert link_on(browser(host), send_form(browser(), petition)) is None


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"])
def test_what_says_that_it_came_through_a_proxy_gets_none(petition: Petition, header: str) -> None:
    proxied = browser(**{header: "127.0.0.1"})
    assert send_form(proxied, petition) == page_of(petition, "sent")
    assert link_on(proxied, send_form(browser(), petition)) is None


@pytest.mark.parametrize("bind", [["0.0.0.0:8000"], ["192.0.2.1:8000"], ["127.0.0.1:8000", "[::]:8000"]])
def test_a_server_that_others_can_reach_links_to_no_mail(
    petition: Petition, settings: Settings, bind: list[str]
) -> None:
    settings.BIND = bind
    assert send_form(browser(), petition) == page_of(petition, "sent")


@pytest.mark.parametrize("changes", [{"LOCAL_START": False}, {"EMAIL_URL": "smtp://mail.example.org"}])
def test_where_mails_are_really_sent_everybody_is_led_to_the_same_page(
    petition: Petition, settings: Settings, changes: dict[str, object]
) -> None:
    path = send_form(browser(), petition)
    for name, value in changes.items():
        setattr(settings, name, value)
    assert send_form(browser(), petition) == page_of(petition, "sent")
    assert link_on(browser(), path) is None
