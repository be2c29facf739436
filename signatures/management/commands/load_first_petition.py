"""Loads the first petition into an empty site."""

from __future__ import annotations

from typing import Any

from signatures.management.site_command import SiteCommand
from signatures.texts.first_petition import load_first_petition


class Command(SiteCommand):
    """Creates, publishes and opens the first petition if there is none."""

    help = "Create, publish and open the first petition, where the database holds no petition."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, or report that a petition exists already."""
        petition = load_first_petition()
        self.stdout.write(f"petitions loaded: {0 if petition is None else 1}")
