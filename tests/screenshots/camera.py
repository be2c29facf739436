"""A browser without scripts that keeps what it sees."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.server.local_site import ROOT, LocalSite

TARGET = ROOT / "screenshots"
SLUG = "belarus-political-prisoners"
Scheme = Literal["light", "dark"]


@dataclass
class Camera:
    """A browser without scripts that keeps what it sees."""

    page: Page
    origin: str
    prefix: str
    language: str

    def go(self, path: str) -> None:
        """Open a page of the language, or another where the path begins with a slash."""
        self.page.goto(self.origin + (path if path.startswith("/") else f"/{self.language}/{path}"))

    def of_petition(self, path: str = "") -> None:
        """Open one of the petition's pages."""
        self.go(f"petitions/{SLUG}/{path}")

    def keep(self, state: str) -> None:
        """Keep the whole page, and on phones what is seen first."""
        self.page.screenshot(path=TARGET / f"{state}-{self.prefix}.png", full_page=True)
        if "360" in self.prefix and state == "petition":
            self.page.screenshot(path=TARGET / f"{state}-first-{self.prefix}.png")

    def press(self, selector: str) -> None:
        """Press a button and wait until the page that follows has loaded."""
        press(self.page, selector)


def press(page: Page, selector: str) -> None:
    """Press a button of a page and wait until the page that follows has loaded."""
    # A click returns when the next page has only begun, and Chromium forgets to close a tab that is told to just then:
    # whoever closes it waits for ever.
    with page.expect_navigation():
        page.locator(selector).first.click()


def cameras(browser: Browser, origin: str) -> Iterator[Camera]:
    """Yield a camera for each language, width and colour scheme."""
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for language in ("en", "ru"):
        for width in (360, 1280):
            for scheme in schemes:
                context = browser.new_context(
                    java_script_enabled=False,
                    viewport={"width": width, "height": 740 if width == 360 else 900},
                    color_scheme=scheme,
                    locale=language,
                )
                yield Camera(context.new_page(), origin, f"{language}-{width}-{scheme}", language)


def newest_link(site: LocalSite) -> str:
    """Return the first link in the newest mail, as a path."""
    newest = max((site.data / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    body = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default).get_body(("plain",))
    found = re.search(r"https?://[^/]+(/\S+)", body.get_content() if body else "")
    assert found
    return found.group(1)


def wait_for_mail(site: LocalSite, before: int, page: Page) -> None:
    """Wait until the worker has sent one more mail."""
    for _ in range(200):
        if len(list((site.data / "mail").glob("*.eml"))) > before:
            return
        page.wait_for_timeout(100)
    raise TimeoutError


def sent_mail(camera: Camera, site: LocalSite, press: Callable[[], None]) -> str:
    """Press what sends a mail, and return the path that the mail links to."""
    before = len(list((site.data / "mail").glob("*.eml")))
    press()
    wait_for_mail(site, before, camera.page)
    return newest_link(site)
