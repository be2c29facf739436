"""Writes the static error pages of nginx."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.loader import render_to_string
from django.utils.translation import override

from signatures.languages import site_languages

PAGES = {
    "away.html": HTTPStatus.SERVICE_UNAVAILABLE,
    "too-large.html": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unreadable.html": HTTPStatus.BAD_REQUEST,
}


class Command(BaseCommand):
    """Writes the pages that nginx shows while the site is unavailable, in the site's languages."""

    help = "Write the error pages of nginx, in the languages of the site, into a folder."
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


def page(status: HTTPStatus) -> str:
    """Return the self-contained HTML page for a status."""
    return render_to_string(
        "errors/nginx.html", {"languages": [_in_language(code, status) for code in site_languages()]}
    )


def _in_language(code: str, status: HTTPStatus) -> dict[str, str]:
    context = {"status": int(status), "by_nginx": True}
    with override(code):
        parts = {part: render_to_string(f"errors/{part}.html", context) for part in ("title", "words")}
    # As plain text, since the page escapes it.
    return {"code": code} | {part: str(text).strip() for part, text in parts.items()}
