"""Folds the tally by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from signatures.counting.folding import fold_tallies
from signatures.management.site_command import SiteCommand


class Command(SiteCommand):
    """Folds tally rows with equal keys into one; the worker also does so regularly."""

    help = "Fold tally rows of equal keys into one each."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--all-days", action="store_true", help="also days that are over for more than a week")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fold and print how many rows were merged."""
        left = fold_tallies(all_days=options["all_days"])
        self.stdout.write("another fold is running" if left is None else f"rows written: {left}")
