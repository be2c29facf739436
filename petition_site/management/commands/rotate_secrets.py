"""Makes new secrets after a break-in, and ends whatever lets somebody in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from petition_site.rotation import STEP_DAYS, Line, first_step, replaced_at_once, second_step
from signatures.doctor.secrets import WITH_PASSWORDS
from signatures.management.site_command import SiteCommand
from signatures.models import Organiser
from signatures.models.audit import REASON_LENGTH_MAX
from signatures.safeguarding.after_break_in import end_everything

BY_HAND = (
    "Not here, and to be changed by hand: what is secret in {settings}, the keys of the certificate and of ssh, and the"
    " key of the onion service, whose address then changes."
)


class Command(SiteCommand):
    """Prints lines for the settings' file, and ends all sessions and links of the desk; the audit log keeps it."""

    help = (
        "Print new values for every secret, as lines for the settings' file, and end all sessions and links for"
        " passwords. The values are shown once and kept nowhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--reason", default="", help="why; kept in the audit log")
        parser.add_argument(
            "--second-step", action="store_true", help=f"print what follows after {STEP_DAYS} days, and end nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the lines to stdout, and what is left to do to stderr."""
        if options["second_step"]:
            if len(settings.EMAIL_KEY_SECRETS) == 1:
                raise CommandError("EMAIL_KEY_SECRETS has only one version: the first step comes first.")
            self.print_lines(second_step())
            return
        reason = options["reason"].strip()
        if not 0 < len(reason) <= REASON_LENGTH_MAX:
            message = f"Say why with --reason, in at most {REASON_LENGTH_MAX} characters."
            raise CommandError(message)
        self.print_lines(first_step())
        ended = end_everything(reason=reason, actor=None)
        accounts = Organiser.objects.filter(is_active=True, is_staff=True).order_by("pk")
        self.stderr.write(f"Ended: {ended.sessions} sessions, {ended.links} links for passwords.")
        self.stderr.write(
            "Put these lines into the settings' file, and restart web and worker. Then say that it was on purpose:\n"
            f"  accept_secrets {' '.join(replaced_at_once())}\nThen, for each account:"
        )
        for account in accounts:
            name = account.get_username()
            self.stderr.write(f"  remove_second_factor {name}\n  make_access_link {name}")
        *names, last = WITH_PASSWORDS
        self.stderr.write(BY_HAND.format(settings=f"{', '.join(names)} and {last}"))
        self.stderr.write(f"After {STEP_DAYS} days run rotate_secrets --second-step.")

    def print_lines(self, lines: Iterable[Line]) -> None:
        """Print lines as the settings' file holds them."""
        for line in lines:
            self.stdout.write(f"# {line.name}: {line.why}")
            if line.value is not None:
                self.stdout.write(f"{line.name}={line.value}")
