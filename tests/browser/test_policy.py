"""No page makes the browser stop something that the content security policy forbids."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.urls import resolve
from playwright.sync_api import APIResponse, Route

from signatures.models import Organiser, Petition
from tests.browser.conftest import OpenWindow, Window
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.desk import change_path
from tests.support.every_desk_page import NEVER_MADE, NOWHERE, desk_pages
from tests.support.every_page import make_full_petition, paths
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import export_path
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db(transaction=True)
# Rows of petitions that do not exist, as rows of a petition with which somebody has nothing to do.
OF_PETITIONS = ("petition", "signature", "update", "delivery", "textversion", "auditentry")
# Addresses of the desk that show no page of their own.
NO_PAGES = {
    "signature_decide",
    "petition_numbers",
    "shown_text",
    "audit_export",
    "second_factor_qr",
    "petition_picture_file",
    "petition_link_file",
    "petition_bundle_file",
    "passkey_add_begin",
    "passkey_add_complete",
    "passkey_begin",
    "passkey_complete",
    "logout",
    "jsi18n",
    "autocomplete",
    "view_on_site",
    "django.contrib.admin.sites.AdminSite.catch_all_view",
    "django.views.generic.base.RedirectView",
}
FORBIDDEN = [
    '<p style="color: red">x</p>',
    "<style>p { color: red }</style>",
    "<script>document.title = 'x'</script>",
    '<p onclick="x()">x</p>',
    '<img src="https://elsewhere.example/x.png" alt="">',
    '<iframe src="/en/"></iframe>',
    '<base href="https://elsewhere.example/">',
]
# What an injected form could do with what a visitor types, without any script.
FOREIGN_FORMS = [
    '<form method="post" action="https://elsewhere.example/"><button id="injected">Continue</button></form>',
    '<form action="https://elsewhere.example/"><button id="injected">Continue</button></form>',
    (
        '<form id="f" method="post" action="/en/confirm/"></form>'
        '<button id="injected" form="f" formaction="https://elsewhere.example/">Continue</button>'
    ),
]


@pytest.fixture(autouse=True)
def _no_old_limits(transactional_db: None) -> Iterator[None]:
    caches["ratelimits"].clear()
    yield
    caches["ratelimits"].clear()


@pytest.fixture
def petition(transactional_db: None) -> Petition:
    """Return a petition that has everything."""
    organiser = Client()
    organiser.force_login(factories.make_organiser())
    return make_full_petition(organiser)


def log_in(window: Window, organiser: Organiser, password: str = factories.PASSWORD) -> None:
    """Fill in the login form."""
    window.open("/admin/login/?next=/admin/")
    window.page.locator("input[name=username]").fill(organiser.username)
    window.page.locator("input[name=password]").fill(password)
    window.page.locator("input[type=submit]").click()
    window.page.wait_for_load_state()


def press(window: Window, selector: str) -> None:
    """Press something that leads to another page."""
    window.page.locator(selector).first.click()
    window.page.wait_for_load_state()


def test_no_public_page_is_stopped_by_the_policy(petition: Petition, open_window: OpenWindow, mailbox: Mailbox) -> None:
    factories.make_signature(petition, visibility="PUBLIC")
    window = open_window()
    window.open(page_of(petition))
    window.page.locator("input[name=visibility][value=PUBLIC]").check()
    press(window, "form[data-sign] button[type=submit]")
    window.page.locator("input[name=name]").fill("Аня")
    window.page.locator("input[name=email]").fill("a@example.org")
    window.page.locator("select[name=country]").select_option("BY")
    window.page.locator("input[name=consent]").check()
    press(window, "form[data-sign] button[type=submit]")
    (mail,) = mailbox.deliver()
    for language in ("en", "ru"):
        for path in paths(petition, language, code_in(mail)):
            assert window.open(path) in {200, 404}, path
    window.open("/nowhere/")
    assert window.real_problems() == []
    assert window.context.cookies() == []


def test_no_page_of_the_desk_is_stopped_by_the_policy(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    window.open("/admin/")
    organiser = factories.make_organiser()
    log_in(window, organiser, "wrong")
    log_in(window, organiser)
    assert "/admin/" in window.page.url
    assert "login" not in window.page.url
    statuses = {path: window.open(path) for path in desk_pages(petition)}
    assert set(statuses.values()) == {200, 403, 404}
    missing = {path for path, status in statuses.items() if status == 404}
    assert missing == {NOWHERE, NEVER_MADE, *(f"/admin/signatures/{name}/999999999/change/" for name in OF_PETITIONS)}
    opened = {match.url_name or match._func_path for match in (resolve(urlsplit(path).path) for path in statuses)}
    assert {route.name for route in all_routes() if route.is_admin} - opened - {"login"} == NO_PAGES
    assert window.real_problems() == []


def test_nothing_that_an_organiser_presses_is_stopped_by_the_policy(
    petition: Petition, open_window: OpenWindow
) -> None:
    window = open_window()
    page = window.page
    factories.role_of("Editors")
    log_in(window, factories.make_organiser())
    window.open("/admin/signatures/petition/add/")
    page.locator(".add-row a").click()
    page.locator(".datetimeshortcuts a").first.click()
    page.locator(".datetimeshortcuts a .date-icon").first.click()
    page.locator(".calendarbox .calendar td a:visible").first.click()
    page.locator(".datetimeshortcuts a .clock-icon").first.click()
    page.locator(".clockbox a:visible").first.click()
    page.locator("input[name=slug]").fill("two words")
    press(window, "input[name=_save]:visible")
    assert page.locator(".errornote").count() == 1
    page.locator("input[name=slug]").fill("")
    press(window, "input[name=_look]")
    assert "/online/" in page.url
    window.open(f"/admin/signatures/petition/{petition.pk}/link/")
    page.locator("button[data-copy]").first.click()
    window.open("/admin/signatures/organiser/add/")
    page.locator("input[name=role]").first.check()
    page.locator("input[name=username]").fill("somebody")
    press(window, "main input[type=submit]")
    window.open(export_path(petition))
    press(window, "main input[type=submit]")
    window.open(change_path(petition))
    page.locator("textarea[name=body_en]").fill("Another text.")
    press(window, "input[name=_publish]")
    press(window, "main input[type=submit]")
    assert page.locator(".messagelist .success").count() == 1
    window.open("/admin/")
    press(window, "#logout-form button")
    assert window.open("/admin/") == 200
    assert "login" in page.url
    assert window.real_problems() == []


def test_the_page_after_too_many_logins_is_not_stopped_by_the_policy(
    transactional_db: None, open_window: OpenWindow
) -> None:
    window = open_window()
    organiser = factories.make_organiser()
    for _ in range(2 * int(settings.LOGIN_RATES[0].split("/")[0]) + 1):
        log_in(window, organiser, uuid.uuid4().hex)
        if "429" in str(window.problems):
            break
    assert "Too many attempts" in window.page.locator("#content").inner_text()
    assert window.real_problems() == []


def test_these_tests_would_notice_what_the_policy_forbids(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    path = page_of(petition, "thanks")
    page = window.page.request.get(window.url + path)
    for markup in FORBIDDEN:
        window.problems.clear()
        _show_with(window, path, page, markup)
        window.page.wait_for_timeout(100)
        assert window.real_problems() != [], markup


def test_no_link_of_a_page_is_led_elsewhere_by_a_base(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    path = page_of(petition, "thanks")
    _show_with(window, path, window.page.request.get(window.url + path), '<base href="https://elsewhere.example/">')
    assert any("base-uri" in problem for problem in window.problems)
    links = window.page.evaluate("[...document.links].filter(link => link.host.includes('elsewhere')).length")
    assert (links, window.page.evaluate("document.baseURI")) == (0, window.url + path)


@pytest.mark.parametrize("form", FOREIGN_FORMS)
def test_no_form_of_a_page_is_sent_elsewhere(petition: Petition, open_window: OpenWindow, form: str) -> None:
    window = open_window()
    path = page_of(petition, "thanks")
    _show_with(window, path, window.page.request.get(window.url + path), form)
    window.page.evaluate("document.getElementById('injected').click()")
    window.page.wait_for_timeout(300)
    assert any("form-action" in problem for problem in window.problems)
    assert not any("elsewhere" in address for address in window.requests)
    assert window.page.url == window.url + path


def _show_with(window: Window, path: str, page: APIResponse, markup: str) -> None:
    """Open a page as if it held some more."""
    body = page.text().replace("</main>", f"{markup}</main>")

    def answer(route: Route) -> None:
        route.fulfill(status=200, headers=page.headers, body=body)

    window.page.route(f"**{path}", answer)
    window.open(path)
    window.page.unroute_all()
