"""Takes a picture of every page and state, in both languages and widths, light and dark (``make screenshots``)."""

from __future__ import annotations

import email
import email.policy
import html
import http.client
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlencode

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS
from tests.programs import require_program
from tests.server.local_site import ROOT, LocalSite, running

TARGET = ROOT / "screenshots"
SLUG = "belarus-political-prisoners"
SEED = """
INSERT INTO signatures_signature (petition_id, email_key, domain_key, state, source, visibility, name, country,
    language, text_version_id, reason, reason_approved, ever_counted, first_confirmed_at, current_since,
    last_confirmed_at)
SELECT version.petition_id, sha256(n::text::bytea), sha256('d'), 'CONFIRMED', 'WEB',
    CASE n % 3 WHEN 0 THEN 'PUBLIC' WHEN 1 THEN 'DELIVERED' ELSE 'COUNTED' END,
    CASE WHEN n % 3 < 2 THEN (ARRAY['Алена Шаўчэнка', 'Anna Kowalska', 'Иван Петров', 'Jonas Petraitis'])[1 + n % 4]
    END,
    (ARRAY['BY', 'BY', 'PL', 'LT', 'DE', 'UA', 'SE'])[1 + n % 7], CASE n % 2 WHEN 0 THEN 'ru' ELSE 'en' END,
    version.id,
    CASE n % 9 WHEN 0 THEN 'Мой брат сидит в тюрьме за то, что вышел на площадь.' END, n % 9 = 0, true,
    at, at, at
FROM signatures_textversion AS version, generate_series(1, 314) AS n,
    LATERAL (SELECT now() - make_interval(mins => 30 * n) AS at) AS instants
WHERE version.number = 1;
INSERT INTO signatures_tally (petition_id, day, kind, reason, source, country, language, visibility, amount)
SELECT petition_id, signed_on, 'CONFIRMED', '', source, country, language, visibility, count(*)
FROM signatures_signature GROUP BY petition_id, signed_on, source, country, language, visibility;
"""
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
        """Press a button and wait for the page that follows."""
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()


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


def reading(camera: Camera) -> None:
    """Keep the pages that anyone may read."""
    for path, state in (("", "petition"), ("signers/", "signers"), ("ledger/", "ledger"), ("text/1/", "text"),
                        ("deliveries/", "deliveries"), ("sent/", "sent"), ("thanks/", "thanks"),
                        ("my-signature/", "my-signature-request")):  # fmt: skip
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


def desk(camera: Camera, site: LocalSite) -> None:
    """Keep the main pages of the organisers' desk."""
    password = re.findall(r"\S+", (site.data / "organiser.txt").read_text())[-1]
    camera.go("/admin/")
    camera.keep("desk-login")
    camera.page.fill("#id_username", "organiser")
    camera.page.fill("#id_password", password)
    camera.press("input[type=submit]")
    camera.keep("desk")
    for path, state in (("petition/1/change/", "petition"), ("petition/1/publish/", "publish"),
                        ("petition/1/export/", "export"), ("petition/1/hand-over/", "hand-over"),
                        ("petition/1/purge/", "purge"), ("signature/", "signatures"), ("auditentry/", "audit-log"),
                        ("petition/1/preview/en/", "preview")):  # fmt: skip
        camera.go(f"/admin/signatures/{path}")
        camera.keep(f"desk-{state}")


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
                context.close()


def write_index() -> None:
    """Write a page to leaf through the pictures."""
    pictures = sorted(TARGET.glob("*.png"))
    links = "\n".join(
        f'<figure><figcaption>{html.escape(one.stem)}</figcaption><img loading="lazy" src="{quote(one.name)}" alt="">'
        "</figure>"
        for one in pictures
    )
    style = "figure{display:inline-block;vertical-align:top;margin:8px}img{max-width:420px;border:1px solid #999}"
    (TARGET / "index.html").write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{links}")


def main() -> None:
    """Run."""
    TARGET.mkdir(exist_ok=True)
    for old in TARGET.glob("*.png"):
        old.unlink()
    program = require_program("chromium", "chromium-browser", "google-chrome")
    with (
        tempfile.TemporaryDirectory() as folder,
        running(LocalSite(Path(folder) / "data")) as site,
        sync_playwright() as p,
    ):
        browser = p.chromium.launch(executable_path=program, args=ARGUMENTS)
        origin = f"http://127.0.0.1:{site.port}"
        for camera in cameras(browser, origin):
            camera.of_petition()
            camera.keep("no-signatures-yet")
        site.query(SEED)
        for camera in cameras(browser, origin):
            reading(camera)
            signing(camera, site)
            if "1280-light" in camera.prefix:
                desk(camera, site)
        for camera in cameras(browser, origin):
            refusals(camera, site)
        browser.close()
    write_index()
    sys.stdout.write(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET}/index.html\n")


if __name__ == "__main__":
    main()
