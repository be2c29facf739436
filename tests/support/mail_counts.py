"""Inspects how mails are counted: the randomised limits, and the state of the counters."""

from __future__ import annotations

from django.db.models import Max
from django.test import RequestFactory

from signatures.models import MailCount, Petition
from signatures.models.choices import MailKind
from signatures.safeguarding.mail_limits import Ask, Counter, counters_of
from signatures.safeguarding.senders import sender_mark
from tests.support.database import query

ADDRESS = "a@example.org"


def mark_of(network: str = "127.0.0.1") -> str:
    """Return the mark of a sender's network, by default that of Django's test client."""
    return sender_mark(RequestFactory(REMOTE_ADDR=network).get("/"))


def counters_for(
    petition: Petition, kind: MailKind, *, address: str = ADDRESS, sender: str = "", is_quiet: bool = False
) -> list[Counter]:
    """Return the counters that would include a mail sent now."""
    ask = Ask(kind, petition.pk, address, sender or mark_of())
    return counters_of(ask, at=query("SELECT now()")[0][0], is_quiet=is_quiet)


def drawn_limit(
    petition: Petition,
    kind: MailKind = MailKind.CONFIRM,
    *,
    address: str = ADDRESS,
    sender: str = "",
    is_quiet: bool = False,
) -> int:
    """Return today's randomised limit of mails from one sender to a mailbox."""
    found = counters_for(petition, kind, address=address, sender=sender, is_quiet=is_quiet)
    return min(counter.limit for counter in found)


def highest_count() -> int:
    """Return the highest value of any counter."""
    return MailCount.objects.aggregate(highest=Max("amount", default=0))["highest"] or 0
