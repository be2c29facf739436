"""Keeps in mind, for all workers and the web process, how the mail server takes our mails, and pauses the queue.

Where it refuses us, every further mail would be refused, too: that helps nobody, and gets accounts blocked. So the
queue stops, and now and then one worker tries one mail. What it is told at a recipient may be about that one alone, so
that it takes several mails in a row, each another, to stop the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db.models import F

from signatures.mailing.replies import Verdict
from signatures.models import OutgoingMail, Relay
from signatures.models.relay import RelayFault

# Refusals in a row, each of another mail, by which the server is taken to refuse us all.
REFUSALS_TO_STOP = 3
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
DOUBLINGS_MAX = 20
# That it takes mails is written down at most so often.
NOTED_EVERY = timedelta(seconds=10)
# A server that has taken no mail for so long, or has refused so many in a row, is not believed about a mailbox.
BELIEVED_FOR = timedelta(days=1)
REFUSALS_BELIEVED = 5


@dataclass
class Watch:
    """The mail server as one batch of mails finds it."""

    row: Relay
    read_at: datetime
    is_paused: bool = False
    has_taken: bool = False

    def took(self) -> None:
        """Note that it has taken a mail: whatever was amiss is over."""
        if self.has_taken and not self.row.refused_in_row and not self.row.fault:
            return
        self.has_taken = True
        row = self.row
        is_fresh = row.taken_at is not None and row.taken_at > self.read_at - NOTED_EVERY
        if is_fresh and not row.fault and not row.refused_in_row and not row.pauses:
            return
        Relay.objects.filter(pk=row.pk).update(
            fault="", before_mails=False, refused_in_row=0, pauses=0, retry_at=None, taken_at=TransactionNow()
        )
        row.fault, row.refused_in_row, row.pauses = "", 0, 0

    def refused(self, verdict: Verdict, *, again: bool = False) -> None:
        """Note a refusal, and pause where it is to be feared that all mails will meet with the same.

        :param again: whether the same mail was refused before, which says nothing of the others
        """
        if verdict.fault == RelayFault.INTERNATIONAL:
            # The server was not even asked.
            return
        is_of_all = not verdict.stage.names_recipient
        if again and not is_of_all and not self.row.pauses:
            return
        rows = Relay.objects.filter(pk=self.row.pk)
        rows.update(refused_in_row=F("refused_in_row") + 1)
        self.row.refused_in_row += 1
        if not verdict.stops_queue and not is_of_all:
            return
        rows.update(fault=verdict.fault or "", before_mails=verdict.stage.before_mails)
        self.row.fault = verdict.fault or ""
        if is_of_all or self.row.refused_in_row >= REFUSALS_TO_STOP:
            self.is_paused = True
            self.row.pauses += 1
            rows.update(pauses=self.row.pauses, retry_at=TransactionNow() + pause_after(self.row.pauses))

    def is_believed(self) -> bool:
        """Return whether its word on one mailbox counts: it takes other mails."""
        if self.row.refused_in_row >= REFUSALS_BELIEVED:
            return False
        taken_at = self.row.taken_at
        return self.has_taken or (taken_at is not None and taken_at > self.read_at - BELIEVED_FOR)

    def has_taken_since(self, instant: datetime) -> bool:
        """Return whether it has taken another mail after an instant."""
        return self.has_taken or (self.row.taken_at is not None and self.row.taken_at > instant)


def pause_after(pauses: int) -> timedelta:
    """Return how long to pause the so manieth time in a row."""
    return min(FIRST_PAUSE * (1 << min(pauses - 1, DOUBLINGS_MAX)), LONGEST_PAUSE)


def watch_relay(*, for_mails: bool = True) -> Watch | None:
    """Return how the mail server is, or None while the queue is stopped.

    Where a pause is over, one of several workers goes first: the others go on pausing until it has found out.

    :param for_mails: whether to go on pausing while no mail is due by which one could find out
    """
    row, read_at = Relay.objects.current_at()
    if row.retry_at is not None:
        if row.retry_at > read_at or (for_mails and not OutgoingMail.objects.all().due().exists()):
            return None
        is_mine = Relay.objects.filter(pk=row.pk, retry_at__lte=TransactionNow()).update(
            retry_at=TransactionNow() + pause_after(row.pauses + 1)
        )
        if not is_mine:
            return None
    return Watch(row, read_at)


def note_abilities(row: Relay, *, speaks_utf8: bool | None) -> None:
    """Write down whether the server takes international addresses, where that is news."""
    if speaks_utf8 is not None and speaks_utf8 != row.speaks_utf8:
        Relay.objects.filter(pk=row.pk).update(speaks_utf8=speaks_utf8)
        row.speaks_utf8 = speaks_utf8


def note_way_in(row: Relay) -> None:
    """Note that the server lets us in; if that was what was amiss, it is over, and else a mail will find out."""
    rows = Relay.objects.filter(pk=row.pk)
    rows.filter(retry_at__isnull=False).update(retry_at=TransactionNow())
    rows.filter(before_mails=True).update(fault="", before_mails=False, refused_in_row=0, pauses=0, retry_at=None)


def needs_greeting() -> bool:
    """Return whether connecting, without any mail, would tell something that is not known."""
    row = Relay.objects.current()
    return row is None or row.before_mails or row.speaks_utf8 is None


def try_at_once() -> None:
    """Have whatever waits for the mail server tried without further pause, since the settings may have been mended."""
    Relay.objects.filter(retry_at__isnull=False).update(retry_at=TransactionNow(), pauses=0)
    OutgoingMail.objects.all().refused().filter(next_attempt_at__gt=TransactionNow()).update(
        next_attempt_at=TransactionNow()
    )


def relay_warnings() -> list[str]:
    """Return a sentence for each reason why mails wait that the mail server might have taken, in the language in use.

    :raises django.db.Error: if the database is away
    """
    found = set(OutgoingMail.objects.all().refused().values_list("fault", flat=True).distinct())
    row = Relay.objects.current()
    found |= {row.fault} if row else set()
    return [str(fault.label) for fault in RelayFault if fault in found]
