"""Browsers that keep what they see."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.screenshots.patience import ANSWER_SECONDS, PICTURE_SECONDS
from tests.support.server.local_site import ROOT

TARGET = ROOT / "screenshots"
SLUG = "belarus-political-prisoners"
LANGUAGES = ("en", "ru")
WIDTHS = {360: 740, 1280: 900}  # the height that belongs to each
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass
class Camera:
    """A browser that keeps what it sees.

    prefix: what the names of its pictures end with.
    """

    page: Page
    origin: str
    prefix: str
    language: str

    def go(self, path: str, *, status: int = 200) -> None:
        """Open a page of the language, or another where the path begins with a slash."""
        answer = self.page.goto(self.origin + (path if path.startswith("/") else f"/{self.language}/{path}"))
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"

    def of_petition(self, path: str = "") -> None:
        """Open one of the petition's pages."""
        self.go(f"petitions/{SLUG}/{path}")

    def press(self, selector: str, *, status: int = 200) -> None:
        """Press a button and wait until the page that follows has loaded."""
        # A click returns when the next page has only begun, and Chromium forgets to close a tab that is told to just
        # then: whoever closes it waits for ever.
        with self.page.expect_navigation() as following:
            self.page.locator(selector).first.click()
        answer = following.value
        assert answer.status == status, f"{answer.url}: {answer.status}"

    def keep(self, state: str) -> None:
        """Keep the whole page, and on phones what is seen first."""
        self.page.screenshot(path=self._path(state), full_page=True)
        if "360" in self.prefix and state == "petition":
            self.page.screenshot(path=self._path(f"{state}-first"))
        signal.alarm(PICTURE_SECONDS)

    def keep_part(self, state: str, selector: str) -> None:
        """Keep a part of the page."""
        self.page.locator(selector).screenshot(path=self._path(state))
        signal.alarm(PICTURE_SECONDS)

    def _path(self, state: str) -> Path:
        return TARGET / f"{state}-{self.prefix}.png"


@contextmanager
def cameras(browser: Browser, origin: str, *, scripts: bool = False) -> Iterator[list[Camera]]:
    """Open a camera for each language, width and colour scheme, each with a profile of its own."""
    with ExitStack() as opened:
        found = []
        for language, (width, height), scheme in product(LANGUAGES, WIDTHS.items(), SCHEMES):
            context = browser.new_context(
                java_script_enabled=scripts,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                locale=language,
            )
            opened.enter_context(context)
            context.set_default_timeout(ANSWER_SECONDS * 1000)
            found.append(Camera(context.new_page(), origin, f"{language}-{width}-{scheme}", language))
        yield found
