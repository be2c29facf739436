"""Looks for whatever an operator can get wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from signatures.doctor.checks import CHECKS
from signatures.doctor.examining import examine, is_well
from signatures.doctor.findings import Finding, Options
from signatures.management.site_command import SiteCommand


class Command(SiteCommand):
    """Prints what is right, amiss and wrong, and how to mend it; the exit status is 1 if anything is wrong."""

    help = (
        "Check secrets, database, mail, proxies, disks and whatever else an operator can get wrong, and say how to mend"
        " each; ends with 1 where something is wrong. Changes nothing. docs/doctor.md has the list."
    )
    # What these would refuse is what the checks are to explain.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        names = [one.name for one in CHECKS]
        parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=", ".join(names))
        parser.add_argument("--no-network", action="store_true", help="speak with the database alone")
        parser.add_argument("--front", default="", metavar="URL", help="connect to the front here, not at SITE_ORIGIN")
        parser.add_argument("--send-mail", default="", metavar="ADDRESS", help="send one mail there")
        parser.add_argument(
            "--nameserver", default="", metavar="ADDRESS", help="ask this DNS server: ADDRESS or IPv4:PORT"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the checks one after the other, and print what each finds."""
        given = Options(options["front"], options["send_mail"], options["nameserver"])
        found: list[Finding] = []
        for one in CHECKS:
            if (options["only"] and one.name not in options["only"]) or (options["no_network"] and one.needs_network):
                continue
            self.stdout.write(f"{one.name}")
            for finding in examine(one.check, given):
                if finding.mend and finding in found:
                    # A database that is away is missed by most checks.
                    self.stdout.write(f"  {finding.level:5} As above: {finding.what}")
                    continue
                self.stdout.write(f"  {finding.level:5} {finding.what}")
                if finding.mend:
                    self.stdout.write(f"        → {finding.mend}")
                found.append(finding)
        if not is_well(found):
            message = f"Wrong: {sum(not is_well([finding]) for finding in found)}."
            raise CommandError(message)
        self.stdout.write("Nothing is wrong.")
