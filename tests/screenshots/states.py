"""Leads the camera to every page and state."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from tests.screenshots.camera import SLUG, TARGET, Camera, press, sent_mail
from tests.screenshots.seeds import NEW_TEXT
from tests.server.local_site import LocalSite


def reading(camera: Camera) -> None:
    """Keep the pages that anyone may read."""
    for path, state in (
        ("", "petition"),
        *((f"{name}/", name) for name in ("updates", "signers", "ledger", "deliveries", "sent", "thanks")),
        ("text/1/", "text"),
        ("my-signature/", "my-signature-request"),
    ):
        camera.of_petition(path)
        camera.keep(state)
    for path, state in (("", "list"), ("privacy/", "privacy"), ("accessibility/", "accessibility"),
                        ("confirm/", "code-entry"), ("confirm/0000-0000-0000-0000/", "link-no-longer-works"),
                        ("nowhere/", "404")):  # fmt: skip
        camera.go(path)
        camera.keep(state)


def signing(camera: Camera, site: LocalSite) -> None:
    """Keep the states of signing, confirming and withdrawing."""
    address = f"signer-{camera.prefix}@example.org"
    camera.of_petition()
    camera.press("form[data-sign] button[type=submit]")
    camera.keep("form-with-mistakes")
    camera.page.check("input[name=visibility][value=PUBLIC]")
    camera.page.fill("input[name=name]", "Аня Ўладзіміраўна Пятрова-Вадкіна")
    camera.page.fill("input[name=email]", address)
    camera.page.select_option("select[name=country]", "PL")
    camera.page.check("input[name=consent]")
    link = sent_mail(camera, site, lambda: camera.press("form[data-sign] button[type=submit]"))
    camera.keep("one-step-left")
    camera.go(link)
    camera.keep("confirm")
    camera.press("main form button[type=submit]")
    camera.of_petition("my-signature/")
    camera.page.fill("input[name=email]", address)
    camera.go(sent_mail(camera, site, lambda: camera.press("main form button[type=submit]")))
    camera.keep("my-signature")
    camera.press("button[value=COUNTED]")
    camera.keep("changed")
    camera.page.go_back()
    camera.press("button[value=WITHDRAW]")
    camera.keep("withdrawn")


def refusals(camera: Camera, site: LocalSite) -> None:
    """Keep what is shown to those who are refused."""
    site.query("UPDATE signatures_petition SET status = 'CLOSED'")
    camera.page.wait_for_timeout(2500)
    camera.of_petition()
    camera.keep("closed")
    site.query("UPDATE signatures_petition SET status = 'OPEN'")
    camera.page.wait_for_timeout(2500)
    for _ in range(40):
        with closing(http.client.HTTPConnection("127.0.0.1", site.port)) as link:
            body = urlencode({"email": "x"})
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
            link.request("POST", f"/{camera.language}/petitions/{SLUG}/", body, headers)
            link.getresponse().read()
    camera.of_petition()
    camera.press("form[data-sign] button[type=submit]")
    camera.keep("too-many")


def wait_state(browser: Browser, origin: str, language: str) -> None:
    """Keep what the button says while the answer is on its way, which takes a script."""
    page = browser.new_page(viewport={"width": 360, "height": 740}, locale=language)
    page.goto(f"{origin}/{language}/petitions/{SLUG}/")
    page.check("input[name=visibility][value=COUNTED]")
    # Nothing is sent, so that the picture need not wait for an answer.
    page.evaluate("document.forms[0].addEventListener('submit', event => event.preventDefault())")
    page.click("form[data-sign] button[type=submit]")
    page.locator("form[data-sign]").screenshot(path=TARGET / f"wait-state-{language}-360-light.png")


def log_in(page: Page, camera: Camera, site: LocalSite) -> None:
    """Log the organiser in."""
    password = re.findall(r"\S+", (site.data / "organiser.txt").read_text())[-1]
    page.goto(f"{camera.origin}/admin/")
    page.fill("#id_username", "organiser")
    page.fill("#id_password", password)
    press(page, "input[type=submit]")


def changed_text(camera: Camera, site: LocalSite, publish: Callable[[], object]) -> None:
    """Keep what is shown to whoever signs a text that has changed meanwhile, and the version that it changed to."""
    camera.of_petition()
    site.query(NEW_TEXT)
    publish()
    camera.page.check("input[name=visibility][value=COUNTED]")
    camera.page.fill("input[name=email]", "late@example.org")
    camera.page.select_option("select[name=country]", "PL")
    camera.page.check("input[name=consent]")
    camera.press("form[data-sign] button[type=submit]")
    camera.keep("text-has-changed")
    newest = site.query("SELECT max(number) FROM signatures_textversion")[0][0]
    camera.of_petition(f"text/{newest}/")
    camera.keep("text-changed")


def error_pages(camera: Camera, pages: dict[str, str]) -> None:
    """Keep the pages of failures, which the site does not show while all is well."""
    camera.of_petition()
    for name, content in pages.items():
        status, _, language = name.partition("-")
        if language == camera.language:
            camera.page.set_content(content)
            camera.keep(status)


def desk(camera: Camera, site: LocalSite) -> None:
    """Keep the main pages of the organisers' desk."""
    camera.go("/admin/")
    camera.keep("desk-login")
    log_in(camera.page, camera, site)
    camera.keep("desk")
    for path, state in (
        *((f"petition/1/{name}/", name) for name in ("publish", "export", "hand-over", "purge", "preview/en")),
        ("petition/1/change/", "petition"),
        ("signature/", "signatures"),
        ("signature/300/change/", "signature"),
        ("update/", "updates"),
        ("update/add/", "new-update"),
        ("auditentry/", "audit-log"),
    ):
        camera.go(f"/admin/signatures/{path}")
        camera.keep(f"desk-{state.partition('/')[0]}")
    hand_over(camera)


def hand_over(camera: Camera) -> None:
    """Keep the way of a list from the checklist to the page that anyone may read."""
    page = camera.page
    camera.go("/admin/signatures/petition/1/hand-over/")
    page.select_option("#id_recipient", index=1)
    page.fill("#id_reason", "Session of the committee")
    camera.press(".submit-row input.default")
    camera.keep("desk-hand-over-preview")
    camera.press(".submit-row input.default")
    camera.keep("desk-delivery")
    with page.expect_download() as download:
        page.click("form:has(input[value=package]) input[type=submit]")
    download.value.path()
    page.reload()
    page.fill("#id_handed_over_on", f"{datetime.now(UTC):%Y-%m-%d}")
    page.select_option("#id_handed_over_how", "IN_PERSON")
    camera.press("form:has(input[value=handed_over]) input[type=submit]")
    camera.keep("desk-delivery-handed-over")
    camera.of_petition("deliveries/")
    camera.keep("deliveries-with-one")
