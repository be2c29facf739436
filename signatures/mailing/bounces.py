"""Counts bounces by large provider, kind and day, and stores nothing else about them."""

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
    """The process that reads messages cannot run, whatever the message."""


@dataclass(frozen=True)
class Bounce:
    """What is counted of a bounce.

    :param provider: the domain of a large provider, or an empty string
    """

    kind: BounceKind
    provider: str = ""


UNCLEAR = Bounce(BounceKind.UNCLEAR)


def read_bounce(message: bytes) -> Bounce:
    """Classify a message in a child process; one that is no bounce, or is malicious, counts as unclear.

    :raises ReaderMissingError: if the process that reads cannot be run
    """
    try:
        # The child may return only a few known words, never text of the message, and gets none of our secrets.
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
        # It exits with an error only if a package is missing; a resource limit ends it by a signal.
        raise ReaderMissingError
    match done.stdout.decode("ascii", "replace").split():
        case [kind] if kind in BounceKind.values:
            return Bounce(BounceKind(kind))
        case [kind, provider] if kind in BounceKind.values and provider in LARGE_PROVIDERS:
            return Bounce(BounceKind(kind), provider)
    return UNCLEAR


def count_bounces(bounces: Iterable[Bounce]) -> None:
    """Add to today's counts (UTC), in a fixed order of rows, so that concurrent calls do not deadlock."""
    amounts = Counter((bounce.provider, bounce.kind.value) for bounce in bounces)
    if not amounts:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNT, [[name for name, _ in amounts], [kind for _, kind in amounts], list(amounts.values())])


def delete_old_bounces() -> int:
    """Delete counts older than ninety days, and return how many rows."""
    return BounceCount.objects.all().older_than(KEPT_FOR).delete()[0]
