"""Signed manifests of all files that leave the site: what each packing describes, and the digest of each file in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import transaction

from signatures.auditing.sealing import head_digest
from signatures.delivering.totals import Totals
from signatures.links import absolute, petition_url
from signatures.models import Delivery, Packing
from signatures.models.packing import PROOF, PUBLIC_KEY, Entry
from signatures.safeguarding import manifest_signing

SCHEMA_VERSION = 2  # dropped file sizes: comparing two of them gives the length of a name that was removed


@dataclass
class Digests:
    """Collects the digests of files while their chunks pass through."""

    entries: list[Entry] = field(default_factory=list)

    def passing(self, name: str, chunks: Iterable[bytes]) -> Generator[bytes]:
        """Yield the chunks of a file unchanged, and keep its digest once the last one has passed."""
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
            yield chunk
        self.entries.append({"name": name, "sha256": digest.hexdigest()})


def manifest_bytes(delivery: Delivery, totals: Totals, digests: Digests, key: bytes, log: str | None) -> bytes:
    """Return the manifest; the same hand-over, numbers, files, public key and head of the log give the same bytes.

    :param log: the digest of the newest entry of the audit log
    """
    # Sorted by code, so that the bytes don't depend on the order in which the site lists its languages.
    languages = sorted(totals.versions[-1].languages)
    pages = [petition_url("deliveries", language, delivery.petition.slug) for language in languages]
    content: dict[str, object] = {
        "schema": SCHEMA_VERSION,
        "delivery": delivery.pk,
        "petition": {
            "slug": delivery.petition.slug,
            "deliveries": [absolute(path) for path in dict.fromkeys(pages)],
        },
        "recipient": {
            "name": {code: delivery.recipient.name_in(code) for code in languages},
            "profile": delivery.profile,
        },
        "prepared_at": _iso(delivery.prepared_at),
        "cut_off": _iso(delivery.cut_off),
        "only_new_since": _iso(delivery.since) if delivery.since else None,
        "layout": {
            "language": delivery.language,
            "delimiter": delivery.delimiter,
            "order": delivery.order,
            "names_in_latin_letters": delivery.with_latin,
            "cities": delivery.with_city,
            "totals_by_country": delivery.by_country,
        },
        "counts": {
            "signatures": totals.confirmed,
            # Anyone may read a manifest: the difference of exact numbers in two of them would reveal one person's
            # choice.
            "with_names": None if totals.is_exact else totals.named,
            "without_names": None if totals.is_exact else totals.unnamed,
        },
        "text_versions": [
            {"number": version.number, "sha256": version.digest, "signatures": version.signatures}
            for version in totals.versions
        ],
        "files": digests.entries,
        "public_key_sha256": manifest_signing.fingerprint(key),
    }
    if log is not None:
        # Without its number: anyone may read a manifest, and two numbers would tell how much happened in between.
        content["audit_log"] = {"sha256": log}
    if delivery.is_own_work:
        content["purpose"] = delivery.purpose
    return (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def differing_files(recorded: Iterable[Entry], found: Iterable[Entry]) -> list[str]:
    """Return the names of the files whose digests differ, or that only one side has."""
    before, now = ({entry["name"]: entry["sha256"] for entry in entries} for entries in (recorded, found))
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def keep_packing(*, delivery: Delivery, totals: Totals, edition: str, digests: Digests) -> Packing:
    """Return the packing that these files belong to; sign and store a new one if they differ from the current ones.

    :param edition: the edition of the files' watermarks
    :param digests: the digests of every file but the proof
    """
    # Before the transaction, which others would have to wait for.
    log = head_digest()
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        for packing in _current(locked):
            if not differing_files(_made_of_rows(packing), digests.entries):
                return packing
        key = manifest_signing.public_key()
        manifest = manifest_bytes(locked, totals, Digests([*digests.entries, _key_entry(key)]), key, log)
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
    """Return whether a file belongs to the newest packing or to the one that was handed over."""
    return any(entry in packing.files for packing in _current(delivery))


def differing_from_handed_over(delivery: Delivery, digests: Digests) -> list[str]:
    """Return the names of the files that differ from those handed over; none if nothing was handed over yet."""
    return [] if delivery.packing is None else differing_files(_made_of_rows(delivery.packing), digests.entries)


def _current(delivery: Delivery) -> Iterator[Packing]:
    """Yield the packing that was handed over, and the newest one unless the key has been replaced since."""
    if delivery.packing is not None:
        yield delivery.packing
    newest = delivery.packings.order_by("-id").first()
    if newest is not None and newest != delivery.packing and bytes(newest.public_key) == manifest_signing.public_key():
        yield newest


def _made_of_rows(packing: Packing) -> list[Entry]:
    return [entry for entry in packing.files if entry["name"] not in PROOF]


def _key_entry(key: bytes) -> Entry:
    return {"name": PUBLIC_KEY, "sha256": hashlib.sha256(manifest_signing.pem(key).encode()).hexdigest()}
