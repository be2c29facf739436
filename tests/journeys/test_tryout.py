"""Trying the site out on one machine: the next page links to the mail, for nobody but who sits there."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.models import Petition
from tests import factories
from tests.mailbox import Mailbox, paths_in
from tests.pages import page_of, read

pytestmark = pytest.mark.django_db
LINK = 'class="notice tryout"'


@pytest.fixture(autouse=True)
def local_start(settings: Settings) -> None:
    """Run as ``make run`` does."""
    settings.LOCAL_START = True
    settings.BIND = ["127.0.0.1:8000"]
    settings.ALLOWED_HOSTS = ["*"]


def is_linked(petition: Petition, mailbox: Mailbox, **headers: str) -> bool:
    """Sign, let the mail be sent, and return whether the next page leads to it."""
    factories.sign(Client(headers={"sec-fetch-site": "same-origin"}), petition)
    (mail,) = mailbox.deliver()[-1:]
    page = read(Client(headers=headers), page_of(petition, "sent"))
    assert (LINK in page) == (paths_in(mail)[0] in page)
    return LINK in page


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost", "127.0.0.1", "[::1]"])
def test_whoever_sits_at_the_machine_is_led_to_the_newest_mail(petition: Petition, mailbox: Mailbox, host: str) -> None:
    assert is_linked(petition, mailbox, host=host)


@pytest.mark.parametrize("host", ["petition.example.org", "192.0.2.1:8000", "localhost.example.org", "127.0.0.1.evil"])
def test_another_host_is_not(petition: Petition, mailbox: Mailbox, host: str) -> None:
    assert not is_linked(petition, mailbox, host=host)


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"])
def test_what_came_through_a_proxy_is_not(petition: Petition, mailbox: Mailbox, header: str) -> None:
    assert not is_linked(petition, mailbox, host="localhost:8000", **{header: "127.0.0.1"})


@pytest.mark.parametrize("bind", [["0.0.0.0:8000"], ["192.0.2.1:8000"], ["127.0.0.1:8000", "[::]:8000"]])
def test_a_server_that_others_can_reach_links_to_no_mail(
    petition: Petition, mailbox: Mailbox, settings: Settings, bind: list[str]
) -> None:
    settings.BIND = bind
    assert not is_linked(petition, mailbox, host="localhost:8000")


def test_production_links_to_no_mail(petition: Petition, mailbox: Mailbox, settings: Settings) -> None:
    settings.LOCAL_START = False
    assert not is_linked(petition, mailbox, host="localhost:8000")
