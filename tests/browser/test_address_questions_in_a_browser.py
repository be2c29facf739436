"""A question about an address is answered with one press in a real browser, with scripts and without."""

from __future__ import annotations

import pytest

from signatures.models import OutgoingMail, Petition
from tests.browser.conftest import OpenWindow, Window
from tests.support.mailbox import Mailbox
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db(transaction=True)
SLIP, MEANT = "anna@gmial.com", "anna@gmail.com"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False])


def asked(window: Window, petition: Petition, typed: str = SLIP) -> None:
    """Fill in the form with a slip and send it."""
    window.open(page_of(petition))
    page = window.page
    page.check("#id_visibility_2")
    page.fill("#id_name", "Аня Ўлашэнка")
    page.fill("#id_email", typed)
    page.select_option("#id_country", "ZZ")
    page.check("#id_consent")
    page.locator("form[data-sign] button[type=submit]").click()
    page.wait_for_selector(".answers")


@SCRIPTS
@pytest.mark.parametrize("choice", [MEANT, SLIP])
def test_one_press_answers_it_without_scrolling_and_the_form_is_sent(
    petition: Petition, open_window: OpenWindow, mailbox: Mailbox, choice: str, *, scripts: bool
) -> None:
    window = open_window(scripts=scripts, width=360)
    asked(window, petition)
    button = window.page.locator(f'button[value="{choice}"]')
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 800
    button.click()
    window.page.wait_for_url("**/sent/")
    (mail,) = mailbox.deliver()
    assert str(mail["To"]) == choice
    assert window.real_problems() == []


@SCRIPTS
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anna@gmail.\N{CYRILLIC SMALL LETTER ES}om", MEANT),
        ("anna@gm\N{CYRILLIC SMALL LETTER A}il.com", MEANT),
        ("anna@яндекс.ру", "anna@yandex.ru"),
        ("anna@яндекс.ru", "anna@yandex.ru"),
    ],
)
def test_letters_of_another_alphabet_are_asked_about_though_the_browser_encodes_the_domain(
    petition: Petition, open_window: OpenWindow, mailbox: Mailbox, typed: str, meant: str, *, scripts: bool
) -> None:
    window = open_window(scripts=scripts, width=360)
    asked(window, petition, typed)
    offered = window.page.locator(".answers button[name=email_choice]")
    assert offered.count() == 2
    assert offered.first.get_attribute("value") == meant
    assert typed in offered.last.inner_text()
    assert offered.last.locator("mark").count() == (0 if "яндекс" in typed else 1)
    offered.first.click()
    window.page.wait_for_url("**/sent/")
    (mail,) = mailbox.deliver()
    assert str(mail["To"]) == meant
    assert window.real_problems() == []


@SCRIPTS
def test_the_enter_key_answers_nothing_and_sends_what_was_mended_by_hand(
    petition: Petition, open_window: OpenWindow, mailbox: Mailbox, *, scripts: bool
) -> None:
    window = open_window(scripts=scripts, width=360)
    asked(window, petition)
    window.page.press("#id_email", "Enter")
    window.page.wait_for_selector(".answers")
    assert not OutgoingMail.objects.exists()
    window.page.fill("#id_email", "anna@example.org")
    window.page.press("#id_email", "Enter")
    window.page.wait_for_url("**/sent/")
    (mail,) = mailbox.deliver()
    assert str(mail["To"]) == "anna@example.org"
