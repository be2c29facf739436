"""Reads the mails that the site puts into a folder."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.screenshots.patience import ANSWER_SECONDS
from tests.support.server.local_site import LocalSite

STEP_SECONDS = 0.1


def sent_links(page: Page, site: LocalSite, press: Callable[[], None]) -> tuple[str, str]:
    """Press what sends a mail; return the paths that the mail leads to, the one against further mails last."""
    before = set(_mails(site))
    press()
    for _ in range(int(ANSWER_SECONDS / STEP_SECONDS)):
        if new := set(_mails(site)) - before:
            return _links_in(new.pop())
        page.wait_for_timeout(STEP_SECONDS * 1000)
    raise TimeoutError(f"No mail within {ANSWER_SECONDS} seconds.")


def _mails(site: LocalSite) -> list[Path]:
    return list((site.data / "mail").glob("*.eml"))


def _links_in(mail: Path) -> tuple[str, str]:
    body = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default).get_body(("plain",))
    assert body
    link, stop = re.findall(r"https?://[^/\s]+(/\S+)", body.get_content())
    return link, stop
