"""How many mails may go to one mailbox or one domain, as a table; nothing else says so.

Whoever can open a mailbox and asks until no mail comes any more would read from a fixed number how often others have
asked for mails to it. So each number is drawn from a range, anew for each mailbox, petition, sender and window, by a
key that nobody outside knows: one ask by another person shifts it by one, which shows, for a range of n numbers, in one
case of n. What one sender asks for is counted apart, so that it takes several to come near the numbers that all share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from signatures.safeguarding.addresses import canonical_address, is_at_large_provider
from signatures.safeguarding.keys import mail_count_key
from signatures.safeguarding.mailboxes import mailbox_of, registered_domain
from signatures.safeguarding.rates import Rate

DAY_SECONDS = 24 * 60 * 60
# A sender's part of what a whole domain may be sent.
SENDERS_PART = 3


@dataclass(frozen=True)
class Ask:
    """A mail that somebody has asked for.

    :param kind: of the mail
    :param sender: the mark of who asked, or an empty string where it is not known
    """

    kind: str
    petition_id: int
    address: str
    sender: str


@dataclass(frozen=True)
class Limit:
    """How many mails of a kind may go to one mailbox, or domain, in a window.

    :param least: the lowest number that may be drawn
    :param most: the highest
    :param seconds: how long a window is; windows of days are UTC days
    :param of_petition: counted for each petition apart
    :param of_sender: counted for each sender apart
    :param of_domain: counted for all of a domain together
    """

    least: int
    most: int
    seconds: int = DAY_SECONDS
    of_petition: bool = False
    of_sender: bool = False
    of_domain: bool = False


@dataclass(frozen=True)
class Counter:
    """A number that may rise to a limit until its window ends.

    :param seconds: how long the window is
    """

    key: bytes
    limit: int
    ends_at: datetime
    seconds: int

    def next_try(self, chance: float) -> datetime:
        """Return when a mail that this counter stopped is tried again: soon after the window's end.

        :param chance: from 0 to 1, drawn for each mail, so that whoever asked first is not first again
        """
        return self.ends_at + timedelta(seconds=chance * self.seconds / 10)


MAILBOX_LIMITS = (
    # Three at the least, for who mistypes, or whose mail lands among spam.
    Limit(3, 8, of_petition=True, of_sender=True),
    Limit(10, 19, of_sender=True),
    # It takes two senders at the least to get here, and mostly four.
    Limit(10, 29, of_petition=True),
    Limit(30, 69),
)
# Of links to one's own signature, for a mailbox whose owner wants no mails.
QUIET_MAILBOX_LIMITS = (Limit(1, 3, of_sender=True), Limit(5, 14))


def domain_limits() -> list[Limit]:
    """Return the limits on a domain that is no large provider, as the settings have them.

    Whoever owns a domain has every address in it; sixty an hour still let a village or a faculty sign.
    """
    limits = []
    for rate in map(Rate.read, settings.MAIL_DOMAIN_RATES):
        part = max(rate.amount // SENDERS_PART, 1)
        limits.append(Limit(part, 2 * part - 1, rate.seconds, of_sender=True, of_domain=True))
        limits.append(Limit(rate.amount, 2 * rate.amount - 1, rate.seconds, of_domain=True))
    return limits


def counters_of(ask: Ask, *, at: datetime, is_quiet: bool) -> list[Counter]:
    """Return all counters that a mail takes part in; each has a key of its own that is the same nowhere else.

    :param at: the instant by the database's clock
    :param is_quiet: whether the mailbox's owner has asked for no more mails
    """
    limits = list(QUIET_MAILBOX_LIMITS if is_quiet else MAILBOX_LIMITS)
    canonical = canonical_address(ask.address)
    if not is_at_large_provider(canonical):
        limits += domain_limits()
    mailbox, domain = mailbox_of(ask.address), registered_domain(canonical.rpartition("@")[2])
    return [_counter(limit, ask, domain if limit.of_domain else mailbox, at) for limit in limits]


def _counter(limit: Limit, ask: Ask, whose: str, at: datetime) -> Counter:
    window = int(at.timestamp()) // limit.seconds
    key = mail_count_key(
        whose,
        # A domain is sent whatever its mailboxes are.
        "" if limit.of_domain else ask.kind,
        str(ask.petition_id) if limit.of_petition else "",
        ask.sender if limit.of_sender else "",
        repr(limit),
        str(window),
    )
    drawn = limit.least + int.from_bytes(key[:8]) % (limit.most - limit.least + 1)
    ends_at = datetime.fromtimestamp((window + 1) * limit.seconds, UTC)
    return Counter(key, drawn, ends_at, limit.seconds)
