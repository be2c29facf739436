"""Checks the chain of the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from signatures.auditing.checking import Findings, check_file, check_log
from signatures.auditing.words import late_sentence, sentence_of
from signatures.management.site_command import SiteCommand


class Command(SiteCommand):
    """Checks whether an entry of the audit log was changed, taken out or put in, and says where."""

    help = (
        "Check the chain of the audit log; the exit status is 1 where it is broken. With --file also check a file that"
        " was exported from it, and that the log still holds what the file ends with."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--file", type=Path, metavar="EXPORT", help="a file that was exported from the log")
        parser.add_argument(
            "--head", action="append", default=[], metavar="DIGEST", help="from a manifest: must be in the log"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was found; the exit status is 1 if anything is wrong."""
        heads = [head.strip().lower() for head in options["head"]]
        broken = []
        if options["file"] is not None:
            exported = self._check_file(options["file"])
            broken += self._told(str(options["file"]), exported)
            heads += [exported.head] if exported.head else []
        broken += self._told("audit log", check_log(heads=heads))
        if broken:
            raise CommandError("\n".join(broken))

    @staticmethod
    def _check_file(path: Path) -> Findings:
        try:
            with path.open("rb") as lines:
                return check_file(lines)
        except OSError as error:
            raise CommandError(str(error)) from error

    def _told(self, of: str, findings: Findings) -> list[str]:
        """Print the figures, and return a line for each problem."""
        since = f", since {findings.since:%Y-%m-%d %H:%M:%S} UTC" if findings.since else ""
        self.stdout.write(f"{of}: {findings.entries} entries{since}")
        self.stdout.write(f"{of}: head {findings.head or 'none'}")
        for number in findings.late:
            self.stdout.write(f"{of}: {late_sentence(number)}")
        if findings.is_whole:
            self.stdout.write(f"{of}: the chain is whole")
        return [f"{of}: {sentence_of(problem)}" for problem in findings.problems]
