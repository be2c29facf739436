"""Keeps on record who was let in, and where somebody guesses at an account."""

from __future__ import annotations

from django.db import transaction

from signatures.auditing import record
from signatures.models import AuditEntry, Organiser
from signatures.models.choices import AuditAction
from signatures.safeguarding.user_agents import Browser

# Numbers of refused attempts within an hour that are kept on record, so that a flood cannot fill the log.
TOLD = frozenset({1, 10, 100, 1_000, 10_000})
# The detail that marks a right password without the second factor; it is not a login.
HALF_WAY = "factor_shown"


@transaction.atomic
def record_logged_in(*, organiser: Organiser, browser: Browser) -> AuditEntry | None:
    """Record that an account is let in, and return the entry of the time before, if any."""
    logins = AuditEntry.objects.filter(actor=organiser, action=AuditAction.LOGGED_IN)
    before = logins.exclude(details__has_key=HALF_WAY).order_by("-pk").first()
    record(
        actor=organiser,
        action=AuditAction.LOGGED_IN,
        target=organiser.pk,
        details={"browser": browser.name, "system": browser.system},
    )
    return before


@transaction.atomic
def record_half_way(*, organiser: Organiser, browser: Browser, amount: int) -> None:
    """Record that somebody typed the right password, and has yet to show the second factor.

    :param amount: how many times that happened within this hour
    """
    if amount not in TOLD:
        return
    record(
        actor=organiser,
        action=AuditAction.LOGGED_IN,
        target=organiser.pk,
        amount=amount,
        details={"browser": browser.name, "system": browser.system, "factor_shown": False},
    )


@transaction.atomic
def record_refused(*, name: str, amount: int) -> None:
    """Record a refused attempt, if there is such an account.

    What was typed is never stored: people type passwords into that field, too.

    :param name: user name as it was typed
    :param amount: how many attempts for it were refused within this hour
    """
    # PostgreSQL takes no NUL.
    if amount not in TOLD or "\0" in name:
        return
    account = Organiser.objects.filter(username=name).first()
    if account is not None:
        record(actor=None, action=AuditAction.LOGIN_REFUSED, target=account.pk, amount=amount)
