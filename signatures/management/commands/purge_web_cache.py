"""Empties the cache of the reverse proxy."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError

from signatures.management.site_command import SiteCommand
from signatures.safeguarding.web_cache import KEPT_SECONDS, hold_web_cache, release_web_cache

LOOK_SECONDS = 0.1


class Command(SiteCommand):
    """Keeps the reverse proxy from serving anything that it has kept, and ends when all of that is too old."""

    help = "Have nginx on this machine serve nothing that it kept until now."
    # It reads no table, and must work while the database is away.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Switch the cache off, wait, and switch it on."""
        try:
            is_held = hold_web_cache()
        except OSError as error:
            message = f"The file in WEB_CACHE_OFF_FILE cannot be written: {error.strerror}. Nothing was purged."
            raise CommandError(message) from error
        if not is_held:
            raise CommandError("Set WEB_CACHE_OFF_FILE to the file that nginx looks for: see deploy/nginx.")
        self.stdout.write(f"nginx passes everything on for {KEPT_SECONDS:.0f} seconds.")
        until = time.monotonic() + 2 * KEPT_SECONDS
        while not release_web_cache():
            if time.monotonic() > until:
                raise CommandError("The file in WEB_CACHE_OFF_FILE cannot be removed; nginx keeps nothing until it is.")
            time.sleep(LOOK_SECONDS)
        self.stdout.write("What it had kept is gone; it keeps pages again.")
