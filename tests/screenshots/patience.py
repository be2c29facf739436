"""Ends a browser that keeps us waiting, so that what waits for it fails."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright

from tests.support.chromium import ARGUMENTS
from tests.support.programs import require_program

ANSWER_SECONDS = 20  # for a page, a button or a mail
PICTURE_SECONDS = 90  # from one picture to the next


@contextmanager
def impatient_browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the system's Chromium, and kill it where no picture has been kept for too long."""
    program = require_program("chromium", "chromium-browser", "google-chrome")
    browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
    answer = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    pid = next(process["id"] for process in answer["processInfo"] if process["type"] == "browser")

    def give_up(*_: object) -> None:
        sys.stderr.write(f"No picture for {PICTURE_SECONDS} seconds: the browser is killed.\n")
        os.kill(pid, signal.SIGKILL)

    # Playwright sets no limit to the opening and closing of browsers, profiles and tabs.
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PICTURE_SECONDS)
    try:
        with browser:
            yield browser
    finally:
        signal.alarm(0)
