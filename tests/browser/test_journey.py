"""From the petition's page to the withdrawal, in a real browser."""

from __future__ import annotations

import re
import time
from itertools import product
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route

from signatures.counting.reconciling import compare_tally
from signatures.models import OutgoingMail, Petition, Signature
from tests.browser.conftest import OpenWindow, Window
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in, text_of
from tests.support.page_reading import in_language, page_of
from tests.support.tally_reading import counted

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
STALE_SECONDS_MAX = 10.0
WIDTHS = pytest.mark.parametrize("width", [360, 1280])


def look(window: Window) -> None:
    """Check what must hold on every page."""
    assert not window.scrolls_sideways(), window.page.url
    assert window.page.locator("h1").count() == 1, window.page.url


def press(window: Window, selector: str) -> None:
    """Press a button and look at the page that follows."""
    window.page.locator(selector).click()
    window.page.wait_for_load_state()
    look(window)


def type_code(window: Window, mailbox: Mailbox) -> None:
    """Type the code from the one new mail where it is asked for, as people type it."""
    (mail,) = mailbox.deliver()
    window.page.locator("input[name=code]").fill(f" {code_in(mail).lower().replace('-', ' ')} ")
    press(window, ".code-form button[type=submit]")


def follow_mail(window: Window, mailbox: Mailbox) -> None:
    """Open what the one new mail links to."""
    (mail,) = mailbox.deliver()
    found = re.search(rf"{re.escape(window.url)}/\S+", text_of(mail))
    assert found
    assert window.open(found.group(0)) == 200
    look(window)


def sees_count(window: Window, petition: Petition, language: str, count: str) -> bool:
    """Return whether the count is a number, which the page of a guarded petition does not say below ten."""
    if not factories.newest_version(petition).rules.count_is_live:
        assert window.open(page_of(petition, language=language)) == 200
        look(window)
        assert said(window, ".count-number") == in_language("Fewer than ten so far", language)
        return counted(petition) == count
    # At once, or once the browser's copy is two seconds old.
    deadline = time.monotonic() + STALE_SECONDS_MAX
    while True:
        assert window.open(page_of(petition, language=language)) == 200
        look(window)
        is_shown = window.page.locator(".count-number strong").inner_text() == count
        if is_shown or time.monotonic() > deadline:
            return is_shown
        window.page.wait_for_timeout(200)


def said(window: Window, selector: str) -> str:
    """Return the words in a part of the page."""
    return " ".join(window.page.locator(selector).inner_text().replace("\N{NO-BREAK SPACE}", " ").split())


def fill_in(window: Window, visibility: str, address: str) -> None:
    """Fill in the sign form."""
    page = window.page
    page.locator(f"input[name=visibility][value={visibility}]").check()
    if visibility != "COUNTED":
        page.locator("input[name=name]").fill("Аня Ўлашэнка")
    page.locator("input[name=email]").fill(address)
    page.locator("select[name=country]").select_option("BY")
    page.locator("input[name=consent]").check()


def is_at(window: Window, path: str) -> bool:
    """Return whether this is the page shown."""
    return urlsplit(window.page.url).path == path


def walk(
    window: Window, petition: Petition, mailbox: Mailbox, language: str, visibility: str, *, with_code: bool
) -> None:
    """Read, sign, confirm by the code or the link, be counted, lower the visibility, and withdraw."""
    assert sees_count(window, petition, language, "1")
    fill_in(window, visibility, "ania@example.org")
    press(window, "form[data-sign] button[type=submit]")
    assert is_at(window, page_of(petition, "sent", language))
    assert in_language("One step left.", language) in said(window, "h1")
    (type_code if with_code else follow_mail)(window, mailbox)
    assert in_language("It isn’t counted yet.", language) in said(window, "main")
    assert sees_count(window, petition, language, "1")
    window.page.go_back()
    press(window, "main form button[type=submit]")
    assert is_at(window, page_of(petition, "thanks", language))
    assert sees_count(window, petition, language, "2")
    signature = Signature.objects.latest("id")
    assert (signature.visibility, signature.country, signature.language) == (visibility, "BY", language)
    assert signature.name == (None if visibility == "COUNTED" else "Аня Ўлашэнка")

    assert window.open(page_of(petition, "thanks", language)) == 200
    press(window, f'main a[href="{page_of(petition, "my_signature_request", language)}"]')
    window.page.locator("input[name=email]").fill("Ania@Example.org")
    press(window, "main form button[type=submit]")
    follow_mail(window, mailbox)
    link = window.page.url
    press(window, "button[value=COUNTED]")
    changed = in_language("Done. If there was a signature, the change has been made.", language)
    assert changed in said(window, "h1")
    signature.refresh_from_db()
    assert (signature.visibility, signature.name) == ("COUNTED", None)
    assert sees_count(window, petition, language, "2")
    assert window.open(link) == 200
    press(window, "button[value=WITHDRAW]")
    done = in_language("Done. If there was a signature, it has been erased.", language)
    assert done in said(window, "h1")
    assert sees_count(window, petition, language, "1")
    assert Signature.objects.count() == 1
    assert not OutgoingMail.objects.exists()
    assert compare_tally(petition) == {}


def nothing_was_left_behind(window: Window) -> None:
    """Check what must hold over the whole journey."""
    assert window.context.cookies() == []
    assert window.hosts() == {urlsplit(window.url).netloc}
    assert window.problems == []


@pytest.mark.parametrize(("language", "width", "scripts"), list(product(["en", "ru"], [360, 1280], [False, True])))
def test_the_whole_journey_works(  # noqa: PLR0917 - each of the three in each way of the others
    petition: Petition, open_window: OpenWindow, mailbox: Mailbox, language: str, width: int, scripts: bool
) -> None:
    factories.make_signature(petition)
    window = open_window(scripts=scripts, width=width)
    visibility = {(False, 360): "PUBLIC", (False, 1280): "COUNTED"}.get((scripts, width), "DELIVERED")
    walk(window, petition, mailbox, language, visibility, with_code=scripts == (width == 360))
    nothing_was_left_behind(window)
    if scripts:
        stored = window.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert stored == [0, 0, ""]
    else:
        assert not [url for url in window.requests if url.endswith(".js")]


@LANGUAGES
def test_the_keyboard_alone_signs_and_confirms(
    petition: Petition, open_window: OpenWindow, mailbox: Mailbox, language: str
) -> None:
    Petition.objects.update(countries_first=["BY"])
    window = open_window(width=360)
    window.open(page_of(petition, language=language))
    keyboard = window.page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(60):
            if window.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            keyboard.press("Tab")
        raise AssertionError(selector)

    tab_to(".sign-bar .button")
    keyboard.press("Enter")
    tab_to("input[name=visibility]")
    for _ in range(2):
        keyboard.press("ArrowDown")
    for field, text in (("name", "Аня Ўлашэнка"), ("email", "ania@example.org")):
        tab_to(f"input[name={field}]")
        keyboard.type(text)
    tab_to("select[name=country]")
    keyboard.press("ArrowDown")
    tab_to("input[name=consent]")
    keyboard.press("Space")
    keyboard.press("Enter")
    window.page.wait_for_url("**/sent/")
    (mail,) = mailbox.deliver()
    tab_to("input[name=code]")
    keyboard.type(code_in(mail))
    keyboard.press("Enter")
    window.page.wait_for_url("**/confirm/*/")
    tab_to("main form button[type=submit]")
    keyboard.press("Enter")
    window.page.wait_for_url("**/thanks/")
    signature = Signature.objects.get()
    assert (signature.name, signature.country) == ("Аня Ўлашэнка", "BY")
    assert signature.visibility != "COUNTED"
    assert window.problems == []


def test_the_button_asks_for_patience_and_is_not_pressed_twice(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    window.open(page_of(petition))
    fill_in(window, "DELIVERED", "ania@example.org")
    # The answer is held back until the second press is over.
    answers: list[Route] = []

    def hold(route: Route) -> None:
        answers.append(route)

    window.page.route("**/petitions/*/", hold)
    button = window.page.locator("form[data-sign] button[type=submit]")
    shown = button.evaluate("one => { one.click(); one.click(); return [one.textContent, one.ariaDisabled]; }")
    assert shown == ["Please wait…", "true"]
    window.page.wait_for_timeout(100)
    assert len(answers) == 1
    answers[0].continue_()
    window.page.wait_for_url("**/sent/")
    window.page.unroute_all()
    window.page.go_back()
    assert button.inner_text() == "Sign the petition"
    assert button.get_attribute("aria-disabled") is None
    assert window.problems == []


def test_a_name_is_not_asked_of_those_who_let_no_one_see_it(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    window.open(page_of(petition))
    name = window.page.locator("input[name=name]")
    assert name.is_visible()
    name.fill("Typed before choosing")
    window.page.locator("input[name=visibility][value=COUNTED]").check()
    assert not name.is_visible()
    assert name.is_disabled()
    window.page.locator("input[name=visibility][value=PUBLIC]").check()
    assert name.is_visible()
    assert name.input_value() == "Typed before choosing"


@LANGUAGES
@WIDTHS
def test_a_form_with_mistakes_is_shown_again_with_what_was_typed(
    petition: Petition, open_window: OpenWindow, language: str, width: int
) -> None:
    window = open_window(scripts=False, width=width)
    window.open(page_of(petition, language=language))
    window.page.locator("input[name=name]").fill("Аня")
    press(window, "form[data-sign] button[type=submit]")
    assert window.page.locator("input[name=name]").input_value() == "Аня"
    assert window.page.locator("#error-summary").is_visible()
    assert in_language("Choose who may see your name.", language) in said(window, "main")
    assert window.real_problems() == []
