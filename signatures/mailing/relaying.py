"""Keeps in mind, for all workers and the web process, how the mail server takes our mails, and pauses the queue.

Where it refuses us, every further mail would be refused, too: that helps nobody, and gets accounts blocked. So the
queue stops, and now and then one worker tries some. What it is told at a recipient may be about that one alone, however
it is worded: an attacker can name mailboxes that are refused in any words. So it takes several mails in a row, each
another, to stop the queue; what is tried then are mails that were not refused yet, to different domains, twice as many
each time; and the first that is taken ends the pause.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db.models import F

from signatures.mailing.bounces import Bounce, count_bounces
from signatures.mailing.replies import Stage, Verdict
from signatures.models import OutgoingMail, Relay
from signatures.models.choices import BounceKind
from signatures.models.relay import RelayFault
from signatures.safeguarding.mailboxes import registered_domain
from signatures.safeguarding.providers import provider_of

# Refusals in a row, each of another mail, by which the server is taken to refuse us all.
REFUSALS_TO_STOP = 3
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
DOUBLINGS_MAX = 20
# So many mails are tried after the first pause, twice as many after each further one, up to a batch.
FIRST_PROBE = 4
LONGEST_PROBE = 50
# Meanwhile other workers pause.
PROBE_LASTS = timedelta(minutes=1)
# That it takes mails is written down at most so often.
NOTED_EVERY = timedelta(seconds=10)
# A server that has taken no mail for so long, or has refused so many in a row, is not believed about a mailbox.
BELIEVED_FOR = timedelta(days=1)
REFUSALS_BELIEVED = 5
# So many mailboxes in a row that a large provider does not know are believed; then it is refusing us.
UNKNOWN_BELIEVED = 5
# At so many recipients of a domain's owner it may fall silent until the others' turn is put off.
SILENCES_BELIEVED = 2


@dataclass
class Watch:
    """The mail server as one batch of mails finds it."""

    row: Relay
    read_at: datetime
    is_probe: bool = False
    is_paused: bool = False
    has_taken: bool = False
    # Whether the probe has met with refusals that may be of all mails, and whether of such as were not refused before.
    _is_refused: bool = False
    _is_refused_anew: bool = False
    # At how many recipients of a domain's owner it fell silent in this batch.
    _silences: Counter[str] = field(default_factory=Counter)

    @property
    def probe_size(self) -> int:
        """Return how many mails to try at once, 0 where nothing is amiss."""
        return min(FIRST_PROBE << _doublings(self.row.pauses), LONGEST_PROBE) if self.is_probe else 0

    def took(self, address: str, *, was_silent: bool = False) -> None:
        """Note that it has taken a mail: whatever was amiss is over, for all workers.

        :param was_silent: whether it fell silent at the mail's recipient before
        """
        if was_silent:
            OutgoingMail.objects.filter(fault=RelayFault.SILENT).update(fault="")
        if self.row.unknown.pop(provider_of(address), None):
            Relay.objects.filter(pk=self.row.pk).update(unknown=self.row.unknown)
        row = self.row
        rows = Relay.objects.filter(pk=row.pk)
        if self.has_taken or (row.taken_at is not None and row.taken_at > self.read_at - NOTED_EVERY):
            # Another worker may have met with refusals meanwhile.
            rows = rows.exclude(fault="", refused_in_row=0, pauses=0)
        rows.update(fault="", before_mails=False, refused_in_row=0, pauses=0, retry_at=None, taken_at=TransactionNow())
        self.has_taken, self.is_probe = True, False
        row.fault, row.refused_in_row, row.pauses = "", 0, 0

    def lost(self, address: str) -> None:
        """Note that a mail was deleted since its mailbox does not exist: counted by large providers, as bounces are."""
        provider = provider_of(address)
        count_bounces([Bounce(BounceKind.PERMANENT, provider)])
        if provider:
            self.row.unknown[provider] = self.row.unknown.get(provider, 0) + 1
            Relay.objects.filter(pk=self.row.pk).update(unknown=self.row.unknown)

    def is_silent_about(self, address: str) -> bool:
        """Return whether it fell silent at recipients of the same domain's owner in this batch."""
        return self._silences[_owner_of(address)] >= SILENCES_BELIEVED

    def refused(self, verdict: Verdict, address: str = "", *, again: bool = False) -> None:
        """Note a refusal, and pause where it is to be feared that all mails will meet with the same.

        :param address: of the recipient, empty where none was named
        :param again: whether the same mail was refused before, which says nothing of the others
        """
        if verdict.stage == Stage.RCPT and verdict.fault == RelayFault.SILENT and not provider_of(address):
            self._silences[_owner_of(address)] += 1
        if verdict.fault == RelayFault.INTERNATIONAL:
            # The server was not even asked.
            return
        is_of_all = not verdict.stage.names_recipient
        if again and not is_of_all and not self.is_probe:
            return
        rows = Relay.objects.filter(pk=self.row.pk)
        rows.update(refused_in_row=F("refused_in_row") + 1)
        self.row.refused_in_row += 1
        if not verdict.stops_queue and not is_of_all:
            return
        rows.update(fault=verdict.fault or "", before_mails=verdict.stage.before_mails)
        self.row.fault = verdict.fault or ""
        if self.is_probe and not is_of_all:
            self._is_refused = True
            self._is_refused_anew |= not again
        elif is_of_all or self.row.refused_in_row >= REFUSALS_TO_STOP:
            self.is_paused = True
            self._pause(longer=True)

    def end_probe(self) -> None:
        """Pause again where all mails that were tried met with the same; where they were no proof, try others at once.

        What was refused before makes no pause longer, so that a few mailboxes that are tried again and again cannot.
        """
        if not self.is_probe or self.is_paused:
            return
        if self._is_refused:
            self._pause(longer=self._is_refused_anew)
        else:
            Relay.objects.filter(pk=self.row.pk, retry_at__isnull=False).update(retry_at=TransactionNow())

    def _pause(self, *, longer: bool) -> None:
        self.row.pauses += longer
        Relay.objects.filter(pk=self.row.pk).update(
            pauses=self.row.pauses, retry_at=TransactionNow() + pause_after(self.row.pauses)
        )

    def is_believed(self, address: str) -> bool:
        """Return whether its word on one mailbox counts: it takes other mails, also such to the same large provider."""
        if self.row.refused_in_row >= REFUSALS_BELIEVED:
            return False
        if self.row.unknown.get(provider_of(address), 0) >= UNKNOWN_BELIEVED:
            return False
        taken_at = self.row.taken_at
        return self.has_taken or (taken_at is not None and taken_at > self.read_at - BELIEVED_FOR)

    def has_taken_since(self, instant: datetime) -> bool:
        """Return whether it has taken another mail after an instant."""
        return self.has_taken or (self.row.taken_at is not None and self.row.taken_at > instant)


def _owner_of(address: str) -> str:
    return registered_domain(address.rpartition("@")[2].lower())


def pause_after(pauses: int) -> timedelta:
    """Return how long to pause the so manieth time in a row."""
    return min(FIRST_PAUSE * (1 << _doublings(pauses)), LONGEST_PAUSE)


def _doublings(pauses: int) -> int:
    # Another worker may have ended them all a moment ago.
    return min(max(pauses - 1, 0), DOUBLINGS_MAX)


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
            retry_at=TransactionNow() + max(pause_after(row.pauses + 1), PROBE_LASTS)
        )
        if not is_mine:
            return None
    return Watch(row, read_at, is_probe=row.retry_at is not None)


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
