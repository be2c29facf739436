"""Fingerprints the data behind the files of a hand-over; the digest is shown to nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict

from signatures.delivering.artifacts import readme_of
from signatures.delivering.columns import header, layout_of
from signatures.delivering.letter import letter_of
from signatures.delivering.rows import Snapshot, list_of
from signatures.delivering.streaming import one_ahead
from signatures.delivering.texts import text_files
from signatures.delivering.totals import Totals, signed_versions, totals_table
from signatures.models import Delivery
from signatures.models.choices import ListOrder, Profile
from signatures.models.name_search import NAME_ORDER_VERSION
from signatures.safeguarding.countries import country_names


def fingerprint_of(delivery: Delivery, totals: Totals, snapshot: Snapshot) -> bytes:
    """Return the SHA-256 of everything that goes into the files, as of the snapshot; memory stays constant."""
    digest = hashlib.sha256()
    for part in _small_parts(delivery, totals):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    if delivery.profile == Profile.NAMES:
        for rows in one_ahead(list_of(delivery, snapshot).stored_blocks()):
            digest.update(rows)
    return digest.digest()


def _small_parts(delivery: Delivery, totals: Totals) -> Iterator[bytes]:
    yield readme_of(delivery, totals, "")
    yield totals_table(delivery, totals, "")
    for _name, content in text_files(signed_versions(delivery, totals)):
        yield content
    # What the lists contain besides the stored rows.
    yield json.dumps(header(layout_of(delivery))).encode()
    yield json.dumps(country_names(delivery.language)).encode()
    if delivery.order in {ListOrder.NAME, ListOrder.SURNAME}:
        yield f"names in order {NAME_ORDER_VERSION}".encode()
    if delivery.with_document:
        yield json.dumps(asdict(letter_of(delivery, totals)), default=str).encode()
