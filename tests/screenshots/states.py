"""Leads the cameras to every page and state that visitors can see."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from contextlib import closing

from tests.screenshots.camera import SLUG, Camera
from tests.screenshots.mails import sent_links
from tests.support.server.local_site import LocalSite

SIGN = "form[data-sign] button[type=submit]"
SEND = "main form button[type=submit]"
FORMS_MAX = 300
# More than one run needs of everything, and so few signatures that they can be used up.
RATES = {"FORM_RATES": f"{FORMS_MAX}/h", "MAIL_DOMAIN_RATES": f"{FORMS_MAX}/h"}
PAGE_CACHE_SECONDS = 2.5
WRONG_CODE = "0000-0000-0000-0000"


def reading(camera: Camera) -> None:
    """Keep the pages that anyone may read."""
    for path, state in (
        ("", "petition"),
        *((f"{name}/", name) for name in ("updates", "signers", "ledger", "deliveries")),
        ("text/1/", "text"),
        ("my-signature/", "my-signature-request"),
    ):
        camera.of_petition(path)
        camera.keep(state)
    for path, state in (("", "list"), ("privacy/", "privacy"), ("accessibility/", "accessibility")):
        camera.go(path)
        camera.keep(state)
    for path, state in (
        (f"confirm/{WRONG_CODE}/", "link-no-longer-works"),
        ("my-signature/-/", "my-signature-link-broken"),
        ("no-mail/-/", "no-mail-link-broken"),
        ("nowhere/", "404"),
    ):
        camera.go(path, status=404)
        camera.keep(state)


def wait_state(camera: Camera) -> None:
    """Keep what the button says while the answer is on its way, which takes a script."""
    camera.of_petition()
    page = camera.page
    page.check("input[name=visibility][value=COUNTED]")
    # Nothing is sent, so that the picture need not wait for an answer.
    page.evaluate("document.querySelector('form[data-sign]').addEventListener('submit', e => e.preventDefault())")
    page.click(SIGN)
    page.locator(f"{SIGN}[aria-disabled=true]").wait_for()
    camera.keep_part("wait-state", "form[data-sign]")


def signing(camera: Camera, site: LocalSite) -> None:
    """Keep the states of signing and confirming."""
    camera.of_petition()
    camera.press(SIGN, status=422)
    camera.keep("form-with-mistakes")
    link, _ = _sign(camera, site, "PUBLIC")
    camera.keep("one-step-left-try-out")
    # What has come through a proxy is no try-out on one machine.
    camera.page.set_extra_http_headers({"Via": "1.1 proxy"})
    camera.of_petition("sent/")
    camera.keep("one-step-left")
    camera.page.set_extra_http_headers({})
    camera.go("confirm/")
    camera.keep("code-entry")
    camera.page.fill("#id_code", WRONG_CODE)
    camera.press(SEND, status=404)
    camera.keep("code-entry-wrong-code")
    camera.go(link)
    camera.keep("confirm")
    camera.page.click("main form summary")
    camera.keep("confirm-choose-fewer")
    camera.press(SEND)
    camera.keep("thanks")
    for visibility in ("DELIVERED", "COUNTED"):
        camera.of_petition()
        link, stop = _sign(camera, site, visibility)
        camera.go(link)
        camera.keep(f"confirm-{visibility.lower()}")
    camera.go(stop)
    camera.keep("no-mail")
    camera.press(SEND)
    camera.keep("no-mail-done")


def changing(camera: Camera, site: LocalSite) -> None:
    """Keep the states of changing and withdrawing one's signature."""
    camera.of_petition("my-signature/")
    camera.press(SEND, status=422)
    camera.keep("my-signature-request-with-mistake")
    camera.page.fill("input[name=email]", _address(camera, "PUBLIC"))
    link, _ = sent_links(camera.page, site, lambda: camera.press(SEND))
    camera.keep("my-signature-request-sent")
    camera.go(link)
    camera.keep("my-signature")
    camera.press("button[value=COUNTED]")
    camera.keep("changed")
    camera.go(link)
    camera.press("button[value=WITHDRAW]")
    camera.keep("withdrawn")


def changed_text(cameras: list[Camera], publish: Callable[[], object]) -> None:
    """Keep what is shown to those who sign a text that has changed meanwhile, and the version that it changed to."""
    for camera in cameras:
        camera.of_petition()
        _fill_in(camera, "PUBLIC")
    publish()
    for camera in cameras:
        camera.press(SIGN, status=422)
        camera.keep("text-has-changed")
        camera.of_petition("text/2/")
        camera.keep("text-with-differences")


def closed(cameras: list[Camera], site: LocalSite) -> None:
    """Keep what is shown to those who come too late."""
    for camera in cameras:
        camera.of_petition()
        _fill_in(camera, "PUBLIC")
    site.query("UPDATE signatures_petition SET status = 'CLOSED'")
    time.sleep(PAGE_CACHE_SECONDS)
    for camera in cameras:
        camera.press(SIGN, status=410)
        camera.keep("closed-meanwhile")
        camera.of_petition()
        camera.keep("closed")
    site.query("UPDATE signatures_petition SET status = 'OPEN'")
    time.sleep(PAGE_CACHE_SECONDS)


def too_many(cameras: list[Camera], site: LocalSite) -> None:
    """Keep what is shown to those from whose network too many signatures came."""
    for camera in cameras:
        _use_up_forms(site)
        camera.of_petition()
        _fill_in(camera, "PUBLIC")
        camera.press(SIGN, status=429)
        camera.keep("429-form")


def error_pages(camera: Camera, pages: dict[str, dict[str, str]]) -> None:
    """Keep the pages of failures, which the site does not show while all is well."""
    camera.of_petition()
    for name, content in pages[camera.language].items():
        camera.page.set_content(content)
        camera.keep(name)


def _sign(camera: Camera, site: LocalSite, visibility: str) -> tuple[str, str]:
    _fill_in(camera, visibility)
    return sent_links(camera.page, site, lambda: camera.press(SIGN))


def _fill_in(camera: Camera, visibility: str) -> None:
    page = camera.page
    page.check(f"input[name=visibility][value={visibility}]")
    page.fill("input[name=name]", "Аня Ўладзіміраўна Пятрова-Вадкіна")
    page.fill("input[name=email]", _address(camera, visibility))
    page.select_option("select[name=country]", "PL")
    page.check("input[name=consent]")


def _address(camera: Camera, visibility: str) -> str:
    # Few mails go to one address.
    return f"{visibility.lower()}-{camera.prefix}@example.org"


def _use_up_forms(site: LocalSite) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    for _ in range(FORMS_MAX + 1):
        with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)) as link:
            link.request("POST", f"/en/petitions/{SLUG}/", "email=x", headers)
            if link.getresponse().status == http.client.TOO_MANY_REQUESTS:
                return
    raise AssertionError("The site takes any number of forms.")
