"""Checks the chain of the audit log, in the database or in a file that was exported from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import BinaryIO

from signatures.auditing.chain import BEFORE_THE_FIRST, Link, links
from signatures.auditing.sealing import seal_entries
from signatures.models import AuditEntry, AuditSeal, Packing
from signatures.models.clock import over

SEALED_WITHIN = timedelta(minutes=1)
# A transaction that is open longer than this is none of this site.
LATE_MAX = timedelta(hours=1)
TOLD_MAX = 100
LINE_BYTES_MAX = 1 << 20


class Break(Enum):
    """What can be wrong with a chain."""

    MISSING = "MISSING"
    CHANGED = "CHANGED"
    MISPLACED = "MISPLACED"
    UNSEALED = "UNSEALED"
    HEAD_UNKNOWN = "HEAD_UNKNOWN"
    DELIVERY_UNKNOWN = "DELIVERY_UNKNOWN"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True)
class Problem:
    """A place where a chain is broken.

    :param number: of the place in the chain, of a line, of a hand-over, or how many entries, by its kind
    :param to: the last number, where several one after the other are missing
    :param digest: the head that was not found
    """

    kind: Break
    number: int = 0
    to: int = 0
    digest: str = ""


@dataclass
class Findings:
    """What a check found.

    :param late: places whose entry is much older than the one before: put in later, or the clock was set back
    """

    entries: int = 0
    head: str = ""
    since: datetime | None = None
    problems: list[Problem] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.problems

    def add(self, problem: Problem) -> None:
        """Keep a problem, unless there are too many to be read."""
        if len(self.problems) < TOLD_MAX:
            self.problems.append(problem)


def check_log(*, heads: Sequence[str] = ()) -> Findings:
    """Check the chain in the database, after sealing what waits.

    That its end is there shows by heads known from elsewhere: those given, and those in the manifests of hand-overs.

    :param heads: digests of which each must be in the chain
    """
    findings = Findings()
    newest = AuditSeal.objects.all().head()
    if newest is not None:
        waiting = AuditEntry.objects.all().unsealed(of_all=True).filter(over("at", SEALED_WITHIN)).count()
        if waiting:
            findings.add(Problem(Break.UNSEALED, waiting))
    seal_entries(of_all=True)
    # Read first: what is sealed and handed over from here on is none of this check.
    of_deliveries = _heads_of_deliveries()
    newest = AuditSeal.objects.all().head()
    findings.unknown = {*heads, *of_deliveries}
    walk(links(until=newest.number if newest else 0), findings)
    for head in findings.unknown:
        is_of_delivery = head in of_deliveries
        kind = Break.DELIVERY_UNKNOWN if is_of_delivery else Break.HEAD_UNKNOWN
        findings.add(Problem(kind, of_deliveries.get(head, 0), digest=head))
    return findings


def check_file(lines: BinaryIO) -> Findings:
    """Check an exported file alone."""
    findings = Findings()
    walk(_links_in(lines, findings), findings)
    return findings


def walk(chain: Iterable[Link], findings: Findings) -> None:
    """Compare each digest with the one that follows from the entry and the digest before."""
    last, before, at = 0, BEFORE_THE_FIRST, None
    for link in chain:
        if link.number <= last:
            findings.add(Problem(Break.MISPLACED, link.number))
        elif link.number > last + 1:
            findings.add(Problem(Break.MISSING, last + 1, link.number - 1))
        elif link.digest_after(before) != link.digest:
            findings.add(Problem(Break.CHANGED, link.number))
        if at is not None and link.at < at - LATE_MAX and len(findings.late) < TOLD_MAX:
            findings.late.append(link.number)
        findings.since = findings.since or link.at
        findings.entries += 1
        findings.unknown.discard(link.digest)
        last, before, at = link.number, link.digest, link.at
    findings.head = before if findings.entries else ""


def _links_in(lines: BinaryIO, findings: Findings) -> Iterator[Link]:
    for number, line in enumerate(iter(lambda: lines.readline(LINE_BYTES_MAX), b""), start=1):
        try:
            read = json.loads(line)
            link = Link(int(read["number"]), str(read["digest"]), dict(read["entry"]))
            # What has no time is no entry.
            link.at.timestamp()
        except (ValueError, KeyError, TypeError):
            findings.add(Problem(Break.UNREADABLE, number))
            continue
        yield link


def _heads_of_deliveries() -> dict[str, int]:
    """Return the heads that manifests hold, each with the number of the hand-over."""
    manifests = Packing.objects.filter(manifest__contains='"audit_log"').values_list("delivery", "manifest")
    found = ((json.loads(manifest).get("audit_log"), delivery) for delivery, manifest in manifests)
    return {head["sha256"]: delivery for head, delivery in found if head}
