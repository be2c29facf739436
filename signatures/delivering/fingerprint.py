"""What the files of a hand-over are made of, as one digest that nobody is shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator
from dataclasses import asdict

from signatures.delivering.ahead import one_ahead
from signatures.delivering.export import blocks
from signatures.delivering.files import columns_of, letter_of, signed_versions, span_of, totals_table
from signatures.delivering.petition_texts import text_files
from signatures.delivering.query import block_as_stored
from signatures.delivering.readme import readme
from signatures.delivering.snapshot import Snapshot
from signatures.delivering.totals import Totals
from signatures.models import Delivery
from signatures.models.choices import ListOrder, Profile
from signatures.models.name_search import NAME_ORDER_VERSION
from signatures.safeguarding.countries import country_names


def fingerprint_of(delivery: Delivery, totals: Totals, snapshot: Snapshot) -> bytes:
    """Return the SHA-256 of everything that goes into the files, as the snapshot has it; memory stays constant."""
    digest = hashlib.sha256()
    for part in _small_parts(delivery, totals):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    if delivery.profile == Profile.NAMES:
        for rows in one_ahead(_rows(delivery, snapshot)):
            digest.update(rows)
    return digest.digest()


def _small_parts(delivery: Delivery, totals: Totals) -> Iterator[bytes]:
    versions = signed_versions(delivery, totals)
    yield readme(delivery, totals, versions, "")
    yield totals_table(delivery, totals, "")
    for _name, content in text_files(versions):
        yield content
    # What the lists add to the rows as they are stored.
    yield json.dumps(columns_of(delivery).header(with_city=delivery.with_city)).encode()
    yield json.dumps(country_names(delivery.language)).encode()
    if delivery.order in {ListOrder.NAME, ListOrder.SURNAME}:
        yield f"names in order {NAME_ORDER_VERSION}".encode()
    if delivery.with_document:
        yield json.dumps(asdict(letter_of(delivery, totals)), default=str).encode()


def _rows(delivery: Delivery, snapshot: Snapshot) -> Generator[bytes]:
    recipient, city, span = delivery.recipient, delivery.with_city, span_of(delivery)
    for after, last in blocks(snapshot, recipient):
        query = block_as_stored(recipient, after=after, up_to=last, with_city=city, span=span)
        _amount, rows = snapshot.copy(query, ",")
        yield rows
