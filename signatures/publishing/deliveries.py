"""What anyone may know of hand-overs: when, to whom, how many, the digests and the reply; never a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.safestring import SafeString

from signatures.models import Delivery, Petition
from signatures.models.choices import Profile
from signatures.safeguarding.seal import fingerprint, pem
from signatures.texts.rendering import render_markdown

MANIFEST = "manifest.json"
DIGEST = re.compile(r"[0-9a-f]{64}")
TYPED_MAX = 1000


@dataclass(frozen=True)
class FileLine:
    """A file with its size and digest."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class DeliveryEntry:
    """A hand-over in one language."""

    number: int
    handed_over_on: date
    recipient: str
    gives_names: bool
    cut_off: datetime
    since: datetime | None
    confirmed: int
    named: int
    unnamed: int
    files: list[FileLine]
    key: str
    key_fingerprint: str
    answered_on: date | None
    reply: SafeString | None


@dataclass(frozen=True)
class Checked:
    """What became of a digest that a visitor typed.

    :param digest: as it was understood, empty if it was none
    :param found: number of the hand-over and name of the file, or None
    """

    digest: str
    found: tuple[int, str] | None


def delivery_entries(petition: Petition, language: str) -> list[DeliveryEntry]:
    """Return the hand-overs that reached their recipient, the newest first."""
    rows = Delivery.objects.handed_over().filter(petition=petition).select_related("recipient")
    return [_entry(row, language, row.handed_over_on) for row in rows if row.handed_over_on is not None]


def check_digest(entries: list[DeliveryEntry], typed: str) -> Checked:
    """Look for a digest as sha256sum, shasum or certutil print it, whatever else was copied with it."""
    text = typed[:TYPED_MAX].lower()
    # Older versions of certutil put a blank after each byte.
    match = DIGEST.search(text) or DIGEST.search("".join(text.split()))
    digest = match.group() if match else ""
    for entry in entries:
        for file in entry.files:
            if digest and file.digest == digest:
                return Checked(digest, (entry.number, file.name))
    return Checked(digest, None)


def _entry(row: Delivery, language: str, handed_over_on: date) -> DeliveryEntry:
    files = [FileLine(file["name"], file["bytes"], file["sha256"]) for file in row.files]
    key = bytes(row.public_key)
    reply = getattr(row, f"reply_{language}")
    return DeliveryEntry(
        number=row.pk,
        handed_over_on=handed_over_on,
        recipient=getattr(row.recipient, f"name_{language}"),
        gives_names=row.profile == Profile.NAMES,
        cut_off=row.cut_off.astimezone(UTC),
        since=row.since.astimezone(UTC) if row.since else None,
        confirmed=row.confirmed,
        named=row.named,
        unnamed=row.unnamed,
        files=[*files, FileLine(MANIFEST, len(row.manifest.encode()), row.manifest_digest)],
        key=pem(key),
        key_fingerprint=fingerprint(key),
        answered_on=row.answered_on,
        reply=render_markdown(reply) if row.answered_on and reply else None,
    )
