"""Creates the first account of the admin."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from signatures.models import Organiser

PASSWORD_BYTES = 15
USERNAME = "organiser"


class Command(BaseCommand):
    """Creates the first account of the admin if there is none, and prints its password once."""

    help = "Create the account 'organiser', an administrator, where there is no account, and print its password."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print only the password to stdout, and nothing if an account exists."""
        with transaction.atomic():
            if Organiser.objects.exists():
                return
            password = secrets.token_urlsafe(PASSWORD_BYTES)
            Organiser.objects.create_superuser(USERNAME, password=password)
        self.stdout.write(password)
