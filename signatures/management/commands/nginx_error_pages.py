"""Writes the static error pages of nginx, and the header that follows from the settings."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.template.loader import render_to_string
from django.utils.translation import override

from signatures.languages import site_languages
from signatures.management.site_command import SiteCommand

PAGES = {
    "away.html": HTTPStatus.SERVICE_UNAVAILABLE,
    "too-large.html": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unreadable.html": HTTPStatus.BAD_REQUEST,
}
HSTS_FILE = "hsts.conf"


class Command(SiteCommand):
    """Writes the pages that nginx shows while the site is unavailable, in the site's languages."""

    help = "Write the error pages of nginx, in the languages of the site, and its HSTS header, into a folder."
    # It reads no table.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("folder", type=Path, help="where nginx reads them, such as /etc/nginx/petition-errors")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Write one page for each status into the folder."""
        for name, status in PAGES.items():
            (folder / name).write_text(page(status), encoding="utf-8")
            self.stdout.write(str(folder / name))
        (folder / HSTS_FILE).write_text(hsts_directive(), encoding="utf-8")
        self.stdout.write(str(folder / HSTS_FILE))


def page(status: HTTPStatus) -> str:
    """Return the self-contained HTML page for a status."""
    return render_to_string(
        "errors/nginx.html", {"languages": [_in_language(code, status) for code in site_languages()]}
    )


def hsts_directive() -> str:
    """Return nginx's line for the Strict-Transport-Security header that the site sends, if it sends one."""
    if not settings.SECURE_HSTS_SECONDS:
        return "# The site is not at https://.\n"
    subdomains = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    preload = "; preload" if settings.SECURE_HSTS_PRELOAD else ""
    value = f"max-age={settings.SECURE_HSTS_SECONDS}{subdomains}{preload}"
    return f'add_header Strict-Transport-Security "{value}" always;\n'


def _in_language(code: str, status: HTTPStatus) -> dict[str, str]:
    context = {"status": int(status), "by_nginx": True}
    with override(code):
        parts = {part: render_to_string(f"errors/{part}.html", context) for part in ("title", "words")}
    # As plain text, since the page escapes it.
    return {"code": code} | {part: str(text).strip() for part, text in parts.items()}
