"""The accounts of organisers: which of them a guesser or a former colleague could use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db.models import Q

from signatures.doctor.findings import Finding, Options, fine, warn, wrong
from signatures.models import Organiser
from signatures.models.second_factor import without_second_factor

UNUSED_AFTER = timedelta(days=30)
ASLEEP_AFTER = timedelta(days=180)
PLACE = "At the desk under “People”"


def check_accounts(options: Options) -> Iterator[Finding]:
    """Count accounts without a second factor, and those that nobody uses."""
    open_ones = Organiser.objects.filter(is_active=True, is_staff=True)
    # Whoever has never logged in is asked for one at the first login.
    without = open_ones.filter(last_login__isnull=False).filter(without_second_factor()).count()
    if without:
        consequence = "a guessed password is enough" if not settings.SECOND_FACTOR_REQUIRED else "not set up yet"
        yield wrong(
            f"{without} accounts that have logged in have no second factor: {consequence}.",
            "Let their owners set one up under “Second factor”; take PLAIN_HTTP and LOCAL_START out of the settings.",
        )
    unused = open_ones.filter(last_login__isnull=True, date_joined__lt=TransactionNow() - UNUSED_AFTER).count()
    if unused:
        yield warn(f"{unused} accounts were never used in a month.", f"{PLACE} close them, or send new links.")
    asleep = open_ones.filter(last_login__lt=TransactionNow() - ASLEEP_AFTER).count()
    if asleep:
        yield warn(f"{asleep} accounts have not been used for half a year.", f"{PLACE} close those that nobody needs.")
    administrators = open_ones.filter(Q(is_superuser=True)).count()
    if administrators == 1:
        yield warn(
            "One account alone may do everything: if its owner is ill, nobody else can be let in.",
            f"{PLACE} make a second administrator.",
        )
    if not administrators:
        yield wrong("No open account may do everything.", "Run `manage.py ensure_organiser`.")
    if administrators and not without:
        yield fine("Whoever logs in shows a second factor.")
