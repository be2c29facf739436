"""The public data of hand-overs: when, to whom, how many, the digests and the reply; never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.safestring import SafeString

from signatures.languages import language_with, text_in
from signatures.models import Delivery, Packing, Petition
from signatures.models.choices import Profile
from signatures.models.packing import MANIFEST, PUBLIC_KEY, SIGNATURE
from signatures.safeguarding.manifest_signing import pem
from signatures.safeguarding.typed_digests import digests_in
from signatures.texts.html_printer import render_markdown

TYPED_MAX = 1000
# The files that prove the others; they contain no personal data.
PROOF_TYPES = {
    MANIFEST: "application/json",
    SIGNATURE: "application/octet-stream",
    PUBLIC_KEY: "application/x-pem-file",
}


@dataclass(frozen=True)
class FileLine:
    """A file name with its digest."""

    name: str
    digest: str


@dataclass(frozen=True)
class DeliveryEntry:
    """A hand-over in one language, with the numbers in its manifest.

    :param reply_language: the language of the reply if it isn't available in the page's
    :param confirmed: signatures that count, or None for fewer than ten
    :param named: how many of them with names, or None if that is not published
    :param days_waited: for how many days no reply has come, or None if none is owed
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
    key: str
    answered_on: date | None
    reply: SafeString | None
    reply_language: str
    days_waited: int | None


@dataclass(frozen=True)
class Found:
    """A file that was handed over and has the digest that a visitor typed.

    :param number: the number of the hand-over
    """

    number: int
    name: str


@dataclass(frozen=True)
class Checked:
    """The result of checking a digest that a visitor typed.

    :param digest: the digest as understood, empty if there was none
    :param found: the files that have it
    """

    digest: str
    found: list[Found]


def delivery_entries(petition: Petition, language: str) -> list[DeliveryEntry]:
    """Return the hand-overs that reached their recipients, newest first."""
    rows = Delivery.objects.handed_over().with_wait().filter(petition=petition)
    rows = rows.select_related("recipient", "packing")
    return [
        _entry(row, row.packing, language, row.handed_over_on)
        for row in rows
        if row.packing is not None and row.handed_over_on is not None
    ]


def check_digest(petition: Petition, typed: str) -> Checked:
    """Look a digest up among the files that were handed over, ignoring whatever was pasted around it."""
    text = typed[:TYPED_MAX]
    # A single-line field joins the lines of what is pasted into it.
    digest = next(iter(digests_in(text) or digests_in("".join(text.split()))), "")
    # The public must not learn that a list is genuine if it was never handed over.
    handed_over = Delivery.objects.handed_over().filter(petition=petition)
    packings = Packing.objects.filter(pk__in=handed_over.order_by().values("packing"))
    files = packings.with_file(digest) if digest else []
    return Checked(digest, [Found(file.packing.delivery_id, file.name) for file in files])


def proof_file(petition: Petition, number: int, name: str) -> bytes | None:
    """Return a hand-over's manifest, signature or public key, or None if nothing was handed over under this number."""
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


def _entry(row: Delivery, packing: Packing, language: str, handed_over_on: date) -> DeliveryEntry:
    reply = text_in(row, "reply", language)
    return DeliveryEntry(
        number=row.pk,
        handed_over_on=handed_over_on,
        recipient=row.recipient.name_in(language),
        gives_names=row.profile == Profile.NAMES,
        cut_off=row.cut_off.astimezone(UTC),
        since=row.since.astimezone(UTC) if row.since else None,
        confirmed=packing.counts["signatures"],
        named=packing.counts["with_names"],
        unnamed=packing.counts["without_names"],
        files=[FileLine(file["name"], file["sha256"]) for file in packing.all_files],
        key=pem(bytes(packing.public_key)),
        answered_on=row.answered_on,
        reply=render_markdown(reply) if row.answered_on and reply else None,
        reply_language=language_with(row, "reply", language),
        days_waited=row.days_waited,
    )
