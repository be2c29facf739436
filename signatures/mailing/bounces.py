"""Counts mails that came back: large provider, kind and day, and nothing else of them."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

from signatures.mailing.bounce_child import MESSAGE_BYTES_MAX
from signatures.models import BounceCount
from signatures.models.choices import BounceKind
from signatures.safeguarding.addresses import LARGE_PROVIDERS

CHILD = [sys.executable, "-E", "-s", "-m", "signatures.mailing.bounce_child"]
READING_SECONDS_MAX = 5.0
KEPT_FOR = timedelta(days=90)
COUNT = """
INSERT INTO signatures_bouncecount AS old (day, provider, kind, amount)
SELECT (now() AT TIME ZONE 'UTC')::date, provider, kind, amount
FROM unnest(%s::text[], %s::text[], %s::integer[]) AS new (provider, kind, amount) ORDER BY provider, kind
ON CONFLICT (day, provider, kind) DO UPDATE SET amount = old.amount + EXCLUDED.amount
"""


class ReaderMissingError(Exception):
    """Messages cannot be read here at all, which is no fault of theirs."""


@dataclass(frozen=True)
class Bounce:
    """What is counted of a mail that came back.

    :param provider: the domain of a large provider, or an empty string
    """

    kind: BounceKind
    provider: str = ""


UNCLEAR = Bounce(BounceKind.UNCLEAR)


def read_bounce(message: bytes) -> Bounce:
    """Return what a message says; one that is no bounce, or is made to do harm, is unclear.

    :raises ReaderMissingError: if the process that reads cannot be run
    """
    try:
        # No word of the message leaves the child but for one of few, and none of our secrets goes in.
        done = subprocess.run(
            CHILD,
            input=message[:MESSAGE_BYTES_MAX],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=READING_SECONDS_MAX,
            cwd=settings.BASE_DIR,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return UNCLEAR
    except OSError as error:
        raise ReaderMissingError from error
    if done.returncode > 0:
        # It ends by itself for want of a package alone; a limit ends it by a signal.
        raise ReaderMissingError
    match done.stdout.decode("ascii", "replace").split():
        case [kind] if kind in BounceKind.values:
            return Bounce(BounceKind(kind))
        case [kind, provider] if kind in BounceKind.values and provider in LARGE_PROVIDERS:
            return Bounce(BounceKind(kind), provider)
    return UNCLEAR


def count_bounces(bounces: Iterable[Bounce]) -> None:
    """Add to the counts of today, in one order, so that several who count at once do not lock each other out."""
    amounts = Counter((bounce.provider, bounce.kind.value) for bounce in bounces)
    if not amounts:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNT, [[name for name, _ in amounts], [kind for _, kind in amounts], list(amounts.values())])


def delete_old_bounces() -> int:
    """Delete the counts of days that are over for ninety days, and return how many rows."""
    return BounceCount.objects.all().older_than(KEPT_FOR).delete()[0]
