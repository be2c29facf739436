"""The table of limits on mails to one mailbox or one domain, the only place that defines them.

An attacker with access to a mailbox could request mails until none arrives, and from a fixed limit infer how often
others have requested mails to it. So each limit is chosen from a range, separately for each mailbox, petition, sender
and window, by a key that nobody outside knows: one request by another person shifts the result by one, which is visible
in one case of n for a range of n numbers. Each sender's requests are also counted separately, so that it takes several
senders to come near the limits that all share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from signatures.models.choices import MailKind
from signatures.safeguarding.addresses import canonical_address, is_at_large_provider
from signatures.safeguarding.keys import mail_count_key
from signatures.safeguarding.mailboxes import mailbox_of, registered_domain
from signatures.safeguarding.rates import Rate

DAY_SECONDS = 24 * 60 * 60
# A domain's limit is divided by this for a single sender.
SENDERS_PART = 3


@dataclass(frozen=True)
class Ask:
    """A requested mail.

    :param kind: of the mail
    :param sender: the mark of the network it was requested from, or an empty string if unknown
    """

    kind: str
    petition_id: int | None
    address: str
    sender: str


@dataclass(frozen=True)
class Limit:
    """A range for the number of mails that one mailbox or domain may get in a window.

    :param least: the lowest number in the range
    :param most: the highest number in the range
    :param seconds: the length of a window; windows of days are UTC days
    :param of_petition: whether each petition is counted separately
    :param of_sender: whether each sender is counted separately
    :param of_domain: whether all mailboxes of a domain are counted together
    """

    least: int
    most: int
    seconds: int = DAY_SECONDS
    of_petition: bool = False
    of_sender: bool = False
    of_domain: bool = False


@dataclass(frozen=True)
class Counter:
    """The key and the limit of a mail counter in one window.

    :param seconds: the length of the window
    """

    key: bytes
    limit: int
    ends_at: datetime
    seconds: int

    def next_try(self, chance: float) -> datetime:
        """Return when to retry a mail stopped by this counter: soon after the end of the window.

        :param chance: a random number from 0 to 1 for each mail, so that whoever asked first is not first again
        """
        return self.ends_at + timedelta(seconds=chance * self.seconds / 10)


MAILBOX_LIMITS = (
    # At least three, for people who mistype, or whose mail ends up in the spam folder.
    Limit(3, 8, of_petition=True, of_sender=True),
    Limit(10, 19, of_sender=True),
    # Reaching this takes at least two senders, and usually four.
    Limit(10, 29, of_petition=True),
    Limit(30, 69),
)
# For the code that confirms an organiser's address, whoever entered it.
CODE_LIMITS = (Limit(1, 1),)
# For my-signature links to a mailbox whose owner wants no other mails.
QUIET_MAILBOX_LIMITS = (Limit(1, 3, of_sender=True), Limit(5, 14))


def domain_limits() -> list[Limit]:
    """Return the limits from the settings for a domain that is not a large provider.

    The owner of a domain has every address in it; sixty an hour are still enough for a village or a faculty to sign.
    """
    limits = []
    for rate in map(Rate.read, settings.MAIL_DOMAIN_RATES):
        part = max(rate.amount // SENDERS_PART, 1)
        limits.append(Limit(part, 2 * part - 1, rate.seconds, of_sender=True, of_domain=True))
        limits.append(Limit(rate.amount, 2 * rate.amount - 1, rate.seconds, of_domain=True))
    return limits


def counters_of(ask: Ask, *, at: datetime, is_quiet: bool) -> list[Counter]:
    """Return all counters that apply to a mail, each with a unique key.

    :param at: the current time by the database's clock
    :param is_quiet: whether the mailbox is on the suppression list
    """
    canonical = canonical_address(ask.address)
    limits = _limits_of(ask, canonical, is_quiet=is_quiet)
    mailbox, domain = mailbox_of(ask.address), registered_domain(canonical.rpartition("@")[2])
    return [_counter(limit, ask, domain if limit.of_domain else mailbox, at) for limit in limits]


def _limits_of(ask: Ask, canonical: str, *, is_quiet: bool) -> list[Limit]:
    """Return the limits on a mail; those to organisers share none with signers' mails."""
    if ask.kind in {MailKind.ALERT, MailKind.NEWS}:
        # How many there are is decided where they are queued.
        return []
    if ask.kind == MailKind.ALERT_CHECK:
        return list(CODE_LIMITS)
    limits = list(QUIET_MAILBOX_LIMITS if is_quiet else MAILBOX_LIMITS)
    return limits if is_at_large_provider(canonical) else limits + domain_limits()


def _counter(limit: Limit, ask: Ask, whose: str, at: datetime) -> Counter:
    window = int(at.timestamp()) // limit.seconds
    key = mail_count_key(
        whose,
        # For a domain, all kinds of mails are counted together.
        "" if limit.of_domain else ask.kind,
        str(ask.petition_id) if limit.of_petition else "",
        ask.sender if limit.of_sender else "",
        repr(limit),
        str(window),
    )
    chosen = limit.least + int.from_bytes(key[:8]) % (limit.most - limit.least + 1)
    ends_at = datetime.fromtimestamp((window + 1) * limit.seconds, UTC)
    return Counter(key, chosen, ends_at, limit.seconds)
