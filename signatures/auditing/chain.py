"""The form in which entries of the audit log are hashed, documented in docs/audit-log.md with a test vector."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from signatures.canonical import canonical_json
from signatures.models import AuditEntry, AuditSeal

# What stands in place of a digest before the first entry.
BEFORE_THE_FIRST = "0" * 64
LINKS_AT_ONCE = 2000
FIELDS = ("pk", "at", "actor", "actor__username", "action", "petition", "target", "amount", "reason", "details")


@dataclass(frozen=True)
class Link:
    """A sealed entry, with all that its digest is over."""

    number: int
    digest: str
    content: dict[str, Any]

    @property
    def at(self) -> datetime:
        """Return when the entry was written."""
        return datetime.fromisoformat(str(self.content["at"]))

    def digest_after(self, before: str) -> str:
        """Return the digest that this entry must have after another one's."""
        return digest_of(before, self.content)


def content_of(values: tuple[Any, ...], salt: str) -> dict[str, Any]:
    """Return all that an entry says, as it is hashed.

    :param values: of its FIELDS
    """
    pk, at, actor, username, action, petition, target, amount, reason, details = values
    return {
        "action": action,
        "actor": None if actor is None else {"name": username, "number": actor},
        "amount": amount,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "details": details,
        "id": pk,
        "petition": petition,
        "reason": reason,
        "salt": salt,
        "target": target,
    }


def digest_of(before: str, content: dict[str, Any]) -> str:
    """Return the digest of an entry: SHA-256 over the digest before it, a line feed, and its canonical JSON."""
    return hashlib.sha256(before.encode() + b"\n" + canonical_json(content)).hexdigest()


def links(*, until: int) -> Iterator[Link]:
    """Yield the sealed entries in their order, up to a number; a block at a time, so that memory stays constant."""
    fields = [f"entry__{field}" for field in FIELDS]
    rows = AuditSeal.objects.order_by("number").values_list("number", "digest", "salt", *fields)
    last = 0
    while found := list(rows.filter(number__gt=last, number__lte=until)[:LINKS_AT_ONCE]):
        for number, digest, salt, *values in found:
            yield Link(number, digest, content_of(tuple(values), salt))
        last = found[-1][0]


def content_of_entry(entry: AuditEntry, salt: str) -> dict[str, Any]:
    """Return all that an entry says, as it is hashed."""
    name = entry.actor.username if entry.actor else None
    values = (entry.pk, entry.at, entry.actor_id, name, entry.action, entry.petition_id)
    return content_of((*values, entry.target, entry.amount, entry.reason, entry.details), salt)
