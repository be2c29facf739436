"""Compares the count with the signatures."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import CommandError, CommandParser

from signatures.counting.reconciling import PurgedPetitionError, check_sums, check_tally
from signatures.counting.writing import Dimensions
from signatures.management.site_command import SiteCommand
from signatures.models import Petition


class Command(SiteCommand):
    """Compares the tally with the signatures for each combination of dimensions, and the stored sums with the rows."""

    help = (
        "Compare the tally with the signatures, and its sums with its rows; with --repair write a correction for each"
        " difference, and make wrong sums anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("slug", nargs="*", help="petitions to check; all where none is named")
        parser.add_argument("--repair", action=BooleanOptionalAction, default=False, help="write corrections")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or repair the differences; the exit status is 1 if any remain."""
        petitions = Petition.objects.order_by("slug")
        if options["slug"]:
            petitions = petitions.filter(slug__in=options["slug"])
            unknown = set(options["slug"]) - set(petitions.values_list("slug", flat=True))
            if unknown:
                message = f"No such petition: {', '.join(sorted(unknown))}"
                raise CommandError(message)
        remaining = 0
        for petition in petitions:
            sums = check_sums(petition=petition, repair=options["repair"])
            differences: dict[Dimensions, tuple[int, int]] = {}
            try:
                differences = check_tally(petition=petition, repair=options["repair"])
            except PurgedPetitionError:
                self.stdout.write(f"{petition.slug}: its signatures were erased, so that only the sums are compared")
            # The exact count, which the public page only gives in steps.
            self.stdout.write(f"{petition.slug}: {petition.tallies.all().count_signatures()}")
            for dimensions, (counted, present) in differences.items():
                self.stdout.write(f"{petition.slug}: {dimensions}: tally {counted}, signatures {present}")
            for of, (kept, rows) in sums.items():
                self.stdout.write(f"{petition.slug}: {of}: sum {kept}, rows {rows}")
            found = len(differences) + len(sums)
            remaining += 0 if options["repair"] else found
            verb = "repaired" if options["repair"] else "found"
            self.stdout.write(f"{petition.slug}: differences {verb}: {found}")
        if remaining:
            message = "The tally differs from the signatures; run with --repair to write corrections."
            raise CommandError(message)
