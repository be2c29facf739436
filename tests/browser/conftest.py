"""A real browser, and what it noticed on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings

from petition_site import page_cache
from tests.support.chromium import ARGUMENTS
from tests.support.programs import require_program

# The event tells of what the policy stopped even where the console does not.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""
STATUS_MESSAGE = "Failed to load resource: the server responded with a status of "
FOLDER = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process, which starts one browser."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Window:
    """One window of the browser with a profile of its own.

    requests: the addresses that it has asked for.
    problems: all that it complained of.
    """

    page: Page
    context: BrowserContext
    url: str
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.page.url}: {error}"))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> int:
        """Open a page of the site and return its status."""
        response = self.page.goto(self.url + path if path.startswith("/") else path)
        assert response is not None
        return response.status

    def hosts(self) -> set[str]:
        """Return the hosts that were asked for anything."""
        return {urlsplit(url).netloc for url in self.requests if not url.startswith("data:")}

    def scrolls_sideways(self) -> bool:
        """Return whether something is wider than the window."""
        wide: bool = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        return wide

    def unfold(self) -> None:
        """Open whatever is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")

    def real_problems(self) -> list[str]:
        """Return the problems without the console's word on pages that are meant to have another status than 200."""
        return [problem for problem in self.problems if STATUS_MESSAGE not in problem]


OpenWindow = Callable[..., Window]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium."""
    program = require_program("chromium", "chromium-browser", "google-chrome")
    with pytest.MonkeyPatch.context() as patch:
        # The browser's event loop runs in this thread, in which Django would refuse to ask the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            yield browser
            browser.close()


@pytest.fixture
def site(transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start the site, which links to itself and keeps no page, and return its origin."""
    monkeypatch.setattr(page_cache, "LIFETIME_SECONDS", 0)
    # The site serves its static files itself, as in production.
    server = LiveServerThread("127.0.0.1", static_handler=cast("type[WSGIHandler]", lambda site: site))
    settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
    server.start()
    server.is_ready.wait()
    assert server.error is None
    settings.SITE_ORIGIN = f"http://127.0.0.1:{server.port}"
    yield settings.SITE_ORIGIN
    server.terminate()


@pytest.fixture
def open_window(browser: Browser, site: str) -> Iterator[OpenWindow]:
    """Return a function that opens a window with a profile of its own."""
    contexts: list[BrowserContext] = []

    def open_one(*, scripts: bool = True, width: int = 1280, height: int = 800) -> Window:
        context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": height}, locale="en"
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        if scripts:
            context.add_init_script(REPORT_VIOLATIONS)
        return Window(context.new_page(), context, site)

    yield open_one
    for context in contexts:
        context.close()
