"""Keeps a signed manifest of whatever files leave the house."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import transaction

from signatures.delivering.manifest import Digests, differing_files, manifest_bytes
from signatures.delivering.totals import Totals
from signatures.models import Delivery, Packing
from signatures.models.packing import MANIFEST, PUBLIC_KEY, SIGNATURE, Entry
from signatures.safeguarding import manifest_signing

# What proves the other files of a packing.
PROOF = (PUBLIC_KEY, MANIFEST, SIGNATURE)


def keep_packing(*, delivery: Delivery, totals: Totals, edition: str, digests: Digests) -> Packing:
    """Return the packing that files belong to; where they are others than before, sign and keep a new one.

    :param edition: of the files' watermarks
    :param digests: of every file but the proof
    """
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        for packing in _current(locked):
            if not differing_files(_made_of_rows(packing), digests.entries):
                return packing
        key = manifest_signing.public_key()
        manifest = manifest_bytes(locked, totals, Digests([*digests.entries, _key_entry(key)]), key)
        return Packing.objects.create(
            delivery=locked,
            confirmed=totals.rows,
            named=totals.listed,
            manifest=manifest.decode(),
            signature=manifest_signing.sign(manifest),
            public_key=key,
            edition=edition,
        )


def is_packed(delivery: Delivery, entry: Entry) -> bool:
    """Tell whether a file is one of those that were made last, or that were handed over."""
    return any(entry in packing.files for packing in _current(delivery))


def differing_from_handed_over(delivery: Delivery, digests: Digests) -> list[str]:
    """Return which files are others than those that were handed over; none where nothing was yet."""
    return [] if delivery.packing is None else differing_files(_made_of_rows(delivery.packing), digests.entries)


def proof_of(packing: Packing) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of what proves the other files of a packing."""
    yield PUBLIC_KEY, manifest_signing.pem(bytes(packing.public_key)).encode()
    yield MANIFEST, packing.manifest.encode()
    yield SIGNATURE, bytes(packing.signature)


def _current(delivery: Delivery) -> Iterator[Packing]:
    """Yield what was handed over, and what was made last, unless the key has been replaced since."""
    if delivery.packing is not None:
        yield delivery.packing
    newest = delivery.packings.order_by("-id").first()
    if newest is not None and newest != delivery.packing and bytes(newest.public_key) == manifest_signing.public_key():
        yield newest


def _made_of_rows(packing: Packing) -> list[Entry]:
    return [entry for entry in packing.files if entry["name"] not in PROOF]


def _key_entry(key: bytes) -> Entry:
    return {"name": PUBLIC_KEY, "sha256": hashlib.sha256(manifest_signing.pem(key).encode()).hexdigest()}
