"""Tracks, for all workers and the web process, whether the mail server accepts our mails, and pauses the queue.

A server that refuses us would refuse every further mail, too, and sending on may get the account blocked. So the queue
pauses, and now and then one worker probes with a few mails. A refusal at a recipient may be about that recipient alone,
however it is worded: an attacker can enter mailboxes whose server refuses in any words. So only several refusals in a
row, each of a different mail, pause the queue. A probe sends mails that were not refused yet, to different domains,
twice as many each time, and the first accepted mail ends the pause.
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

# After this many refusals in a row, each of a different mail, the server is assumed to refuse all mails.
REFUSALS_TO_STOP = 3
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
DOUBLINGS_MAX = 20
# Mails in the probe after the first pause; each further probe doubles it, up to a batch.
FIRST_PROBE = 4
LONGEST_PROBE = 50
# Other workers stay paused during a probe.
PROBE_LASTS = timedelta(minutes=1)
# The time of the last accepted mail is stored at most this often.
NOTED_EVERY = timedelta(seconds=10)
# A server that has accepted no mail for this long, or refused this many in a row, is not believed about a mailbox.
BELIEVED_FOR = timedelta(days=1)
REFUSALS_BELIEVED = 5
# A large provider is believed about this many unknown mailboxes in a row; after that it is assumed to refuse us.
UNKNOWN_BELIEVED = 5
# After the server fell silent at this many recipients of one domain owner, that owner's other mails are postponed.
SILENCES_BELIEVED = 2


@dataclass
class Watch:
    """The state of the mail server as seen while one batch is sent."""

    row: Relay
    read_at: datetime
    is_probe: bool = False
    is_paused: bool = False
    has_taken: bool = False
    # Whether the probe met refusals that may apply to all mails, and whether any was of a mail not refused before.
    _is_refused: bool = False
    _is_refused_anew: bool = False
    # By domain owner: the number of recipients at whom the server fell silent in this batch.
    _silences: Counter[str] = field(default_factory=Counter)

    @property
    def probe_size(self) -> int:
        """Return how many mails to probe with, or 0 outside a probe."""
        return min(FIRST_PROBE << _doublings(self.row.pauses), LONGEST_PROBE) if self.is_probe else 0

    def took(self, address: str, *, was_silent: bool = False) -> None:
        """Record an accepted mail, which clears any fault for all workers.

        :param was_silent: whether the server fell silent at this mail's recipient before
        """
        if was_silent:
            OutgoingMail.objects.filter(fault=RelayFault.SILENT).update(fault="")
        if self.row.unknown.pop(provider_of(address), None):
            Relay.objects.filter(pk=self.row.pk).update(unknown=self.row.unknown)
        row = self.row
        rows = Relay.objects.filter(pk=row.pk)
        if self.has_taken or (row.taken_at is not None and row.taken_at > self.read_at - NOTED_EVERY):
            # Write only if there is a fault to clear: another worker may have met refusals meanwhile.
            rows = rows.exclude(fault="", refused_in_row=0, pauses=0)
        rows.update(fault="", before_mails=False, refused_in_row=0, pauses=0, retry_at=None, taken_at=TransactionNow())
        self.has_taken, self.is_probe = True, False
        row.fault, row.refused_in_row, row.pauses = "", 0, 0

    def lost(self, address: str) -> None:
        """Record a mail deleted because its mailbox does not exist; counted like a bounce of its large provider."""
        provider = provider_of(address)
        count_bounces([Bounce(BounceKind.PERMANENT, provider)])
        if provider:
            self.row.unknown[provider] = self.row.unknown.get(provider, 0) + 1
            Relay.objects.filter(pk=self.row.pk).update(unknown=self.row.unknown)

    def is_silent_about(self, address: str) -> bool:
        """Return whether the server fell silent at SILENCES_BELIEVED recipients of this domain owner in this batch."""
        return self._silences[_owner_of(address)] >= SILENCES_BELIEVED

    def refused(self, verdict: Verdict, address: str = "", *, again: bool = False) -> None:
        """Record a refusal, and pause the queue if all mails are likely to meet the same.

        :param address: of the recipient, empty if none was named
        :param again: whether this mail was refused before, so that it says nothing about the others
        """
        if verdict.stage == Stage.RCPT and verdict.fault == RelayFault.SILENT and not provider_of(address):
            self._silences[_owner_of(address)] += 1
        if verdict.fault == RelayFault.INTERNATIONAL:
            # The server was not even asked.
            return
        concerns_all = not verdict.stage.names_recipient
        if again and not concerns_all and not self.is_probe:
            return
        rows = Relay.objects.filter(pk=self.row.pk)
        rows.update(refused_in_row=F("refused_in_row") + 1)
        self.row.refused_in_row += 1
        if not verdict.stops_queue and not concerns_all:
            return
        rows.update(fault=verdict.fault or "", before_mails=verdict.stage.before_mails)
        self.row.fault = verdict.fault or ""
        if self.is_probe and not concerns_all:
            self._is_refused = True
            self._is_refused_anew |= not again
        elif concerns_all or self.row.refused_in_row >= REFUSALS_TO_STOP:
            self.is_paused = True
            self._pause(longer=True)

    def end_probe(self) -> None:
        """Pause again if the probe was refused without any mail accepted; if it was inconclusive, probe again at once.

        Mails that were refused before do not lengthen the pause, so that a few mailboxes retried again and again cannot
        prolong it.
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
        """Return whether to believe a refusal about one mailbox: the server accepts mails, also for its provider."""
        if self.row.refused_in_row >= REFUSALS_BELIEVED:
            return False
        if self.row.unknown.get(provider_of(address), 0) >= UNKNOWN_BELIEVED:
            return False
        taken_at = self.row.taken_at
        return self.has_taken or (taken_at is not None and taken_at > self.read_at - BELIEVED_FOR)

    def has_taken_since(self, instant: datetime) -> bool:
        """Return whether the server has accepted another mail after an instant."""
        return self.has_taken or (self.row.taken_at is not None and self.row.taken_at > instant)


def _owner_of(address: str) -> str:
    return registered_domain(address.rpartition("@")[2].lower())


def pause_after(pauses: int) -> timedelta:
    """Return the length of the n-th pause in a row, doubling up to LONGEST_PAUSE."""
    return min(FIRST_PAUSE * (1 << _doublings(pauses)), LONGEST_PAUSE)


def _doublings(pauses: int) -> int:
    # The number may be 0: another worker may have ended the pauses a moment ago.
    return min(max(pauses - 1, 0), DOUBLINGS_MAX)


def watch_relay(*, for_mails: bool = True) -> Watch | None:
    """Return the state of the mail server, or None while the queue is paused.

    When a pause is over, a single worker probes first; the others stay paused until it knows the result.

    :param for_mails: whether to stay paused while no mail is due to probe with
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
    """Store whether the server supports international addresses, if that has changed."""
    if speaks_utf8 is not None and speaks_utf8 != row.speaks_utf8:
        Relay.objects.filter(pk=row.pk).update(speaks_utf8=speaks_utf8)
        row.speaks_utf8 = speaks_utf8


def note_way_in(row: Relay) -> None:
    """Record that the server lets us in, which clears a fault met before any mail; otherwise the next mail probes."""
    rows = Relay.objects.filter(pk=row.pk)
    rows.filter(retry_at__isnull=False).update(retry_at=TransactionNow())
    rows.filter(before_mails=True).update(fault="", before_mails=False, refused_in_row=0, pauses=0, retry_at=None)


def needs_greeting() -> bool:
    """Return whether connecting without a mail would show something not yet known."""
    row = Relay.objects.current()
    return row is None or row.before_mails or row.speaks_utf8 is None


def try_at_once() -> None:
    """End the pause and retry refused mails now, since the operator may have corrected the settings."""
    Relay.objects.filter(retry_at__isnull=False).update(retry_at=TransactionNow(), pauses=0)
    OutgoingMail.objects.all().refused().filter(next_attempt_at__gt=TransactionNow()).update(
        next_attempt_at=TransactionNow()
    )


def relay_warnings() -> list[str]:
    """Return a sentence in the active language for each fault for which mails or the queue are waiting.

    :raises django.db.Error: if the database cannot be reached
    """
    found = set(OutgoingMail.objects.all().refused().values_list("fault", flat=True).distinct())
    row = Relay.objects.current()
    found |= {row.fault} if row else set()
    return [str(fault.label) for fault in RelayFault if fault in found]
