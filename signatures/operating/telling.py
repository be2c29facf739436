"""Sends the operator a mail about what is amiss, at most one a day for each kind, and one when it is over.

These mails do not wait in the outbox, which holds what people asked for: what they say is made when they are sent.
While the mail server refuses all mails none of them can leave; what it was is told afterwards, and meanwhile the ping
fails.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import transaction

from signatures.mailing.replies import RefusedError
from signatures.mailing.transports import Transport
from signatures.mailing.unsubscribing import POLICY
from signatures.models import Relay, Trouble
from signatures.models.operating import NOT_TOLD, TRIED_AGAIN_AFTER, TroubleKind

logger = logging.getLogger(__name__)

SUBJECT = "Site: {what}"
OVER = "Over: {what}"
SEVERAL = "{amount} things to see to"
ENDED = "{what}: from {began} to {ended} UTC."
GUIDE = "What to do about each of them stands in docs/monitoring.md and docs/runbooks.md of the site's release."
AGAIN = "As long as something lasts, it is told once a day."
TEST = "This is a test of OPERATOR_EMAIL. Mails about what is amiss will come from the same address."


def tell_operator(found: Mapping[TroubleKind, Sequence[str]], transport: Transport) -> int:
    """Send one mail about everything that is due to be told, and return how many kinds it told of.

    :param found: what is amiss now, in sentences
    """
    relay = Relay.objects.current()
    if not settings.OPERATOR_EMAIL or (relay is not None and relay.retry_at is not None):
        return 0
    rows = _claim()
    # What has ended since it was stored waits for the next look.
    going_on = [row for row in rows if row.ended_at is None and TroubleKind(row.kind) in found]
    over = [row for row in rows if row.ended_at is not None]
    if not (going_on or over) or not _send(_message(going_on, over, found), transport):
        return 0
    Trouble.objects.filter(pk__in=[row.pk for row in going_on]).update(told_at=TransactionNow(), tells_end=True)
    ended = Trouble.objects.filter(pk__in=[row.pk for row in over])
    # Where that was the only mail about it, it is the one of the day.
    ended.filter(NOT_TOLD).update(told_at=TransactionNow())
    ended.update(tells_end=False)
    return len(going_on) + len(over)


def send_test(transport: Transport) -> None:
    """Send the operator a mail that says that it is a test.

    :raises RefusedError: if the mail server refuses it
    """
    transport.send(_mail(SUBJECT.format(what="a test"), [TEST]))


def _claim() -> list[Trouble]:
    """Return what is to be told, and keep other workers from it for a while; it is tried again if this one dies."""
    with transaction.atomic():
        rows = list(Trouble.objects.all().to_tell().select_for_update(skip_locked=True).order_by("began_at", "kind"))
        Trouble.objects.filter(pk__in=[row.pk for row in rows]).update(try_at=TransactionNow() + TRIED_AGAIN_AFTER)
    return rows


def _send(message: EmailMessage, transport: Transport) -> bool:
    try:
        transport.send(message)
    except RefusedError as refusal:
        logger.warning("The mail server refused a mail to the operator (%d).", refusal.code)
        return False
    except Exception as error:  # noqa: BLE001
        # Whatever is wrong with this mail must not stop those of signers.
        logger.error("A mail to the operator could not be sent (%s).", type(error).__name__)  # noqa: TRY400
        return False
    return True


def _message(
    going_on: Sequence[Trouble], over: Sequence[Trouble], found: Mapping[TroubleKind, Sequence[str]]
) -> EmailMessage:
    labels = [TroubleKind(row.kind).label for row in (*going_on, *over)]
    what = labels[0] if len(labels) == 1 else SEVERAL.format(amount=len(labels))
    lines = []
    for row in going_on:
        kind = TroubleKind(row.kind)
        lines += [f"{kind.label}, since {_said(row.began_at)} UTC.", *found[kind], ""]
    for row in over:
        began, ended = _said(row.began_at), _said(row.ended_at)
        lines += [OVER.format(what=ENDED.format(what=TroubleKind(row.kind).label, began=began, ended=ended)), ""]
    subject = SUBJECT if going_on else OVER
    return _mail(subject.format(what=what), [*lines, GUIDE, *([AGAIN] if going_on else [])])


def _said(instant: datetime | None) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M}" if instant is not None else ""


def _mail(subject: str, lines: Sequence[str]) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = subject
    message["From"] = settings.MAIL_SENDER
    message["To"] = settings.OPERATOR_EMAIL
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{uuid.uuid4()}@{settings.MAIL_SENDER.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "en"
    message.set_content("\n".join(lines) + "\n")
    return message
