"""Notices when the mail server refuses us, for the organisers who want to be told.

While it refuses all mails, no alert can leave either: so this one is made when the first mail is taken again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction

from signatures.mailing.alerting import alert_outage, alert_refusals
from signatures.models import OutgoingMail, Relay
from signatures.models.clock import lately
from signatures.models.relay import RelayFault, relay_key

# Shorter troubles end by themselves, and delay nobody.
OUTAGE_MIN = timedelta(minutes=15)
# Single mails are refused in any words, as somebody else's server likes.
REFUSED_MIN = 3
# What may concern a single mailbox only.
NOT_ABOUT_US = [RelayFault.SILENT, RelayFault.BUSY, RelayFault.INTERNATIONAL, RelayFault.UNCLEAR]


def watch_mail_server() -> None:
    """Note since when all mails are refused; once that is over, or some are refused for long, have organisers told."""
    with transaction.atomic():
        rows = {row.key: row for row in Relay.objects.select_for_update().order_by("pk").annotate(at=TransactionNow())}
        current = rows.get(relay_key())
        if current is None:
            return
        is_stopped = current.retry_at is not None and current.fault != ""
        for row in rows.values():
            if row.refuses_since is not None and not (row is current and is_stopped):
                _end(row, current)
        if is_stopped and current.refuses_since is None:
            Relay.objects.filter(pk=current.pk).update(refuses_since=TransactionNow())
        elif not is_stopped and _refuses_some():
            alert_refusals()


def _end(row: Relay, current: Relay) -> None:
    """Have organisers told of an outage that is over, also of a server that the settings do not name any more."""
    since, at = row.refuses_since, _read_at(current)
    has_taken = current.taken_at is not None and since is not None and current.taken_at > since
    if since is None or (row is not current and not has_taken):
        return
    Relay.objects.filter(pk=row.pk).update(refuses_since=None)
    if at - since >= OUTAGE_MIN:
        alert_outage(since, at)


def _read_at(row: Relay) -> datetime:
    at: datetime = row.at  # type: ignore[attr-defined]
    return at


def _refuses_some() -> bool:
    """Return whether several mails have waited for long because of us, while others are taken."""
    waiting = OutgoingMail.objects.all().refused().exclude(fault__in=NOT_ABOUT_US)
    is_long = waiting.filter(created_at__lte=TransactionNow() - OUTAGE_MIN)
    takes = Relay.objects.filter(lately("taken_at", OUTAGE_MIN), key=relay_key())
    return is_long[:REFUSED_MIN].count() >= REFUSED_MIN and takes.exists()
