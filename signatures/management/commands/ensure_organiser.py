"""Creates the first account of the admin."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction

from signatures.management.site_command import SiteCommand
from signatures.models import Organiser
from signatures.safeguarding.accounts import record_first_account

PASSWORD_BYTES = 15
USERNAME = "organiser"


class Command(SiteCommand):
    """Creates the first account of the admin if there is none, and prints its password once."""

    help = "Create the account 'organiser', an administrator, where there is no account, and print its password."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print only the password to stdout, and nothing if an account exists."""
        with transaction.atomic():
            if Organiser.objects.exists():
                return
            password = secrets.token_urlsafe(PASSWORD_BYTES)
            account = Organiser.objects.create_superuser(USERNAME, password=password)
            record_first_account(account=account)
        # Whatever takes the password by a pipe gets nothing else.
        if options["verbosity"]:
            self.stderr.write(f"The password of the account {USERNAME}, which is shown once:", lambda text: text)
        self.stdout.write(password)
