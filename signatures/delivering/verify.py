"""Checks files against the manifests of hand-overs: a ZIP, a folder, or a single file."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from signatures.delivering.decompression import CHUNK_BYTES, Budget
from signatures.delivering.tracing import Origin, editions_in_file, origins_of, traces_of
from signatures.models import Delivery, Packing
from signatures.models.packing import MANIFEST, SIGNATURE
from signatures.safeguarding import manifest_signing

ENCRYPTED = 0x1
# Longer files are not read; the manifest of a list of ten million names lists a thousand files.
MANIFEST_BYTES_MAX = 16 << 20
SIGNATURE_BYTES_MAX = 1 << 10
TOO_MUCH = "It unfolds to far more than any hand-over does: the rest was not looked at."
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
NEVER_LEFT = "It was made here, and never recorded as handed over."


class UnreadableError(Exception):
    """The files cannot be read; the message gives the reason."""


@dataclass
class Findings:
    """What a check found.

    :param budget: how much it may still decompress
    :param origins: all hand-overs that the files belong to
    :param problems: a sentence for each difference from what was made here, with the file's name
    :param checked: the names of the files that are unchanged
    """

    budget: Budget
    origins: list[Origin] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)


def check_path(path: Path) -> Findings:
    """Check a ZIP, a folder or a single file against all hand-overs.

    :raises UnreadableError: if it cannot be read
    """
    try:
        findings = Findings(Budget.for_path(path))
        _check(path, findings)
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableError(f"{path} cannot be read: {error}") from error
    if findings.budget.is_spent:
        findings.problems.append(TOO_MUCH)
    return findings


def _check(path: Path, findings: Findings) -> None:
    if path.is_dir():
        _check_package({file.name: file for file in sorted(path.iterdir()) if file.is_file()}, findings)
    elif zipfile.is_zipfile(path) and path.suffix.lower() == ".zip":
        with closing(zipfile.ZipFile(path)) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & ENCRYPTED for entry in entries):
                raise UnreadableError("The ZIP is encrypted: unpack it with its password and check the folder.")
            # If a name occurs twice, it depends on the program which file is unpacked.
            twice = [name for name, times in Counter(entry.filename for entry in entries).items() if times > 1]
            findings.problems += [f"{name} is in the ZIP more than once." for name in twice]
            _check_package({entry.filename: (archive, entry) for entry in entries}, findings)
    else:
        _check_file(path, findings)


Source = Path | tuple[zipfile.ZipFile, zipfile.ZipInfo]


def _check_package(sources: dict[str, Source], findings: Findings) -> None:
    if MANIFEST not in sources or SIGNATURE not in sources:
        findings.problems += [f"{name} is missing." for name in (MANIFEST, SIGNATURE) if name not in sources]
        findings.problems += _all_marks(sources, findings.budget)
        return
    manifest = _content(sources[MANIFEST], findings, MANIFEST, MANIFEST_BYTES_MAX)
    signature = _content(sources[SIGNATURE], findings, SIGNATURE, SIGNATURE_BYTES_MAX)
    packing = _packing(manifest)
    if packing is None:
        findings.problems.append(f"{MANIFEST} is that of no hand-over of this site.")
        findings.problems += _all_marks(sources, findings.budget)
        return
    findings.origins.append(Origin(packing, MANIFEST))
    if packing.delivery.packing_id is None:
        findings.problems.append(NEVER_LEFT)
    # The manifest that this site signed counts, not the one in the package.
    kept, key = packing.manifest.encode(), bytes(packing.public_key)
    if not manifest_signing.is_signed(kept, bytes(packing.signature), key):
        findings.problems.append("The manifest that the database keeps does not fit its signature.")
    if manifest != kept:
        findings.problems.append(f"{MANIFEST} differs from the one that was signed.")
    else:
        findings.checked.append(MANIFEST)
    if not manifest_signing.is_signed(kept, signature, key):
        findings.problems.append(f"{SIGNATURE} differs: it is not the signature of the manifest.")
    else:
        findings.checked.append(SIGNATURE)
    _check_files(sources, {entry["name"]: entry["sha256"] for entry in packing.files}, findings)


def _check_files(sources: dict[str, Source], expected: dict[str, str], findings: Findings) -> None:
    for name in sorted(expected.keys() - sources.keys()):
        findings.problems.append(f"{name} is missing.")
    for name in sorted(sources.keys() - expected.keys() - {MANIFEST, SIGNATURE}):
        findings.problems.append(f"{name} does not belong to this hand-over.")
        findings.problems += _marks(sources[name], name, findings.budget)
    for name in sorted(expected.keys() & sources.keys()):
        digest = _digest(sources[name], findings, name)
        if digest == expected[name]:
            findings.checked.append(name)
        elif digest is not None:
            findings.problems.append(f"{name} differs from the file that was made here.")
            findings.problems += _marks(sources[name], name, findings.budget)


def _check_file(path: Path, findings: Findings) -> None:
    """Look a single file up by its digest among all files that were ever made; its name is ignored."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, hashlib.sha256).hexdigest()
    findings.origins = origins_of(digest)
    if not findings.origins:
        findings.problems.append(f"{path.name} differs from every file of every hand-over.")
        findings.problems += _marks(path, path.name, findings.budget)
        return
    findings.checked = list(dict.fromkeys(origin.name for origin in findings.origins))
    if all(origin.never_left for origin in findings.origins):
        findings.problems.append(NEVER_LEFT)


def _marks(source: Source, name: str, budget: Budget) -> list[str]:
    """Return a sentence for each watermark in a file that was changed."""
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                editions = editions_in_file(file, budget)
        else:
            # Seeking within a compressed file decompresses it again each time, so it is read into memory first.
            editions = editions_in_file(io.BytesIO(budget.content(_chunks(source, budget))), budget)
    except DAMAGE:
        return []
    return [f"{name} carries the watermark of {trace.sentence}" for trace in traces_of(editions)]


def _all_marks(sources: dict[str, Source], budget: Budget) -> list[str]:
    return [mark for name, source in sources.items() for mark in _marks(source, name, budget)]


def _packing(manifest: bytes) -> Packing | None:
    """Return the packing with this manifest, or else the latest packing of the hand-over whose number it states."""
    found = Packing.objects.all().with_file(hashlib.sha256(manifest).hexdigest())
    if found:
        return next((file.packing for file in found if file.packing.is_handed_over), found[0].packing)
    number = _number(manifest)
    delivery = None if number is None else Delivery.objects.filter(pk=number).first()
    return None if delivery is None else delivery.latest_packing


def _number(manifest: bytes) -> int | None:
    try:
        number = json.loads(manifest)["delivery"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return number if isinstance(number, int) and 0 < number < 1 << 63 else None


def _chunks(source: Source, budget: Budget) -> Iterator[bytes]:
    """Yield a file's content; what has to be decompressed is charged to the budget."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK_BYTES), b"")
    else:
        archive, entry = source
        with archive.open(entry) as part:
            yield from budget.chunks(part)


def _digest(source: Source, findings: Findings, name: str) -> str | None:
    digest = hashlib.sha256()
    try:
        for chunk in _chunks(source, findings.budget):
            digest.update(chunk)
    except DAMAGE:
        findings.problems.append(f"{name} is damaged in the ZIP.")
        return None
    # A file that was not read to its end has no digest.
    return None if findings.budget.is_spent else digest.hexdigest()


def _content(source: Source, findings: Findings, name: str, bytes_max: int) -> bytes:
    content = bytearray()
    try:
        for chunk in _chunks(source, findings.budget):
            content += chunk
            if len(content) > bytes_max:
                break
    except DAMAGE:
        findings.problems.append(f"{name} is damaged in the ZIP.")
        return b""
    return bytes(content)
