"""What anyone may know of hand-overs: when, to whom, how many, the digests and the reply; never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.safestring import SafeString

from signatures.models import Delivery, Packing, Petition
from signatures.models.choices import Profile
from signatures.models.packing import MANIFEST, PUBLIC_KEY, SIGNATURE
from signatures.safeguarding.digests import digests_in
from signatures.safeguarding.seal import pem
from signatures.texts.rendering import render_markdown

TYPED_MAX = 1000
# What proves the other files, and holds nothing personal.
PROOF_TYPES = {
    MANIFEST: "application/json",
    SIGNATURE: "application/octet-stream",
    PUBLIC_KEY: "application/x-pem-file",
}


@dataclass(frozen=True)
class FileLine:
    """A file with its size and digest."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class OtherPacking:
    """Files that were made and are not the ones that were handed over.

    :param made_at: UTC
    """

    made_at: datetime
    digest: str


@dataclass(frozen=True)
class DeliveryEntry:
    """A hand-over in one language, with the numbers that its manifest tells.

    :param confirmed: signatures that count, or None for fewer than ten
    :param named: None where that is not published
    :param others: other files that were made of it
    """

    number: int
    handed_over_on: date
    recipient: str
    gives_names: bool
    cut_off: datetime
    since: datetime | None
    confirmed: int | None
    named: int | None
    unnamed: int | None
    files: list[FileLine]
    others: list[OtherPacking]
    key: str
    answered_on: date | None
    reply: SafeString | None


@dataclass(frozen=True)
class Found:
    """A file with the digest that a visitor typed.

    :param number: of the hand-over
    :param made_at: UTC
    :param is_handed_over: whether it is one of the files that are recorded as handed over
    """

    number: int
    name: str
    made_at: datetime
    is_handed_over: bool


@dataclass(frozen=True)
class Checked:
    """What became of a digest that a visitor typed.

    :param digest: as it was understood, empty if it was none
    :param found: the files that have it, the ones that were handed over first
    """

    digest: str
    found: list[Found]


def delivery_entries(petition: Petition, language: str) -> list[DeliveryEntry]:
    """Return the hand-overs that reached their recipient, the newest first."""
    rows = Delivery.objects.handed_over().filter(petition=petition)
    rows = rows.select_related("recipient", "packing").prefetch_related("packings")
    return [
        _entry(row, row.packing, language, row.handed_over_on)
        for row in rows
        if row.packing is not None and row.handed_over_on is not None
    ]


def check_digest(petition: Petition, typed: str) -> Checked:
    """Look for a digest among all files that were ever made of what was handed over, whatever was copied with it."""
    text = typed[:TYPED_MAX]
    # A field of one line joins the lines of what is pasted into it.
    digest = next(iter(digests_in(text) or digests_in("".join(text.split()))), "")
    packings = Packing.objects.filter(delivery__in=Delivery.objects.handed_over().filter(petition=petition))
    found = [
        Found(file.packing.delivery_id, file.name, file.packing.made_at.astimezone(UTC), file.packing.is_handed_over)
        for file in (packings.with_file(digest) if digest else [])
    ]
    return Checked(digest, _without_repetition(sorted(found, key=lambda file: not file.is_handed_over)))


def proof_file(petition: Petition, number: int, name: str) -> bytes | None:
    """Return the manifest of a hand-over, its signature or its public key, or None where there is no such hand-over."""
    delivery = Delivery.objects.handed_over().filter(petition=petition, pk=number).select_related("packing").first()
    if delivery is None or delivery.packing is None:
        return None
    packing = delivery.packing
    contents: dict[str, bytes] = {
        MANIFEST: packing.manifest.encode(),
        SIGNATURE: bytes(packing.signature),
        PUBLIC_KEY: pem(bytes(packing.public_key)).encode(),
    }
    return contents[name]


def _without_repetition(found: list[Found]) -> list[Found]:
    """Leave files out that say of a hand-over what one before them said already."""
    kept: dict[tuple[int, str], Found] = {}
    for file in found:
        kept.setdefault((file.number, file.name), file)
    return list(kept.values())


def _entry(row: Delivery, packing: Packing, language: str, handed_over_on: date) -> DeliveryEntry:
    reply = getattr(row, f"reply_{language}")
    others = sorted((other for other in row.packings.all() if other != packing), key=lambda other: -other.pk)
    return DeliveryEntry(
        number=row.pk,
        handed_over_on=handed_over_on,
        recipient=getattr(row.recipient, f"name_{language}"),
        gives_names=row.profile == Profile.NAMES,
        cut_off=row.cut_off.astimezone(UTC),
        since=row.since.astimezone(UTC) if row.since else None,
        confirmed=packing.counts["signatures"],
        named=packing.counts["with_names"],
        unnamed=packing.counts["without_names"],
        files=[FileLine(file["name"], file["bytes"], file["sha256"]) for file in packing.all_files],
        others=[OtherPacking(other.made_at.astimezone(UTC), other.manifest_digest) for other in others],
        key=pem(bytes(packing.public_key)),
        answered_on=row.answered_on,
        reply=render_markdown(reply) if row.answered_on and reply else None,
    )
