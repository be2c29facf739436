"""Turns an emergency switch."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from signatures.management.site_command import SiteCommand
from signatures.models import Switch
from signatures.models.audit import REASON_LENGTH_MAX
from signatures.models.switch import SwitchName
from signatures.safeguarding.switches import turn_off, turn_on
from signatures.safeguarding.web_cache import empty_web_cache

TURNS = {"on": turn_on, "off": turn_off}


class Command(SiteCommand):
    """Turns a switch on or off on record, or says which are on."""

    help = (
        "Turn an emergency switch. HIDE_NAMES: no public page shows a signer's name. READ_ONLY: nothing is taken, and"
        " no mail is sent. CLOSED: one page stands in place of all public ones. Without a name: say which are on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("name", nargs="?", choices=SwitchName.values, help="the switch")
        parser.add_argument("turn", nargs="?", choices=list(TURNS), help="on or off")
        parser.add_argument("--reason", default="", help="why; kept in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn it, and print how it stands then."""
        if options["name"] is None:
            self.tell()
            return
        reason = options["reason"].strip()
        if options["turn"] is None:
            message = "Say which way: on or off."
            raise CommandError(message)
        if not 0 < len(reason) <= REASON_LENGTH_MAX:
            message = f"Say why with --reason, in at most {REASON_LENGTH_MAX} characters."
            raise CommandError(message)
        name = SwitchName(options["name"])
        is_turned = TURNS[options["turn"]](name=name, reason=reason, actor=None)
        if options["turn"] == "on":
            empty_web_cache()
        self.stdout.write(f"{name.value}: {options['turn']}{'' if is_turned else ', as it was'}")

    def tell(self) -> None:
        """Print a line for each switch."""
        on = {switch.name: switch for switch in Switch.objects.all()}
        for name in SwitchName:
            switch = on.get(name.value)
            since = f" since {switch.on_since:%Y-%m-%d %H:%M} UTC: {switch.reason}" if switch else ""
            self.stdout.write(f"{name.value}: {'on' if switch else 'off'}{since}")
