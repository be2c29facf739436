"""Checks files against the manifests of hand-overs: a ZIP, a folder, or a single file."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from signatures.delivering.origins import Origin, origins_of
from signatures.delivering.tracing import editions_in_file, traces_of
from signatures.models import Delivery, Packing
from signatures.models.packing import MANIFEST, SIGNATURE
from signatures.safeguarding import seal

PIECE_BYTES = 1 << 20
ENCRYPTED = 0x1
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
NEVER_LEFT = "It was made here, and never recorded as handed over."


class UnreadableError(Exception):
    """The files cannot be read; the message says why."""


@dataclass
class Findings:
    """What a check found.

    :param origins: all hand-overs that the files are of; none if they are of none
    :param problems: a sentence for each thing that is not as it was made here, with the file's name
    :param checked: names of the files that are as they were made here
    """

    origins: list[Origin] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)


def check_path(path: Path) -> Findings:
    """Check what lies at a path.

    :raises UnreadableError: if it cannot be read
    """
    try:
        if path.is_dir():
            return _check_package({file.name: file for file in sorted(path.iterdir()) if file.is_file()})
        if zipfile.is_zipfile(path) and path.suffix.lower() == ".zip":
            with closing(zipfile.ZipFile(path)) as archive:
                if any(entry.flag_bits & ENCRYPTED for entry in archive.infolist()):
                    raise UnreadableError("The ZIP is encrypted: unpack it with its password and check the folder.")
                return _check_package({entry.filename: (archive, entry) for entry in archive.infolist()})
        return _check_file(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableError(f"{path} cannot be read: {error}") from error


Source = Path | tuple[zipfile.ZipFile, zipfile.ZipInfo]


def _check_package(sources: dict[str, Source]) -> Findings:
    findings = Findings()
    if MANIFEST not in sources or SIGNATURE not in sources:
        findings.problems += [f"{name} is missing." for name in (MANIFEST, SIGNATURE) if name not in sources]
        findings.problems += _all_marks(sources)
        return findings
    manifest = _content(sources[MANIFEST], findings, MANIFEST)
    signature = _content(sources[SIGNATURE], findings, SIGNATURE)
    packing = _packing(manifest)
    if packing is None:
        findings.problems += [f"{MANIFEST} is that of no hand-over of this site.", *_all_marks(sources)]
        return findings
    findings.origins.append(Origin(packing, MANIFEST))
    if packing.delivery.packing_id is None:
        findings.problems.append(NEVER_LEFT)
    # What this site signed is what counts, whatever the manifest in hand says.
    kept, key = packing.manifest.encode(), bytes(packing.public_key)
    if not seal.is_signed(kept, bytes(packing.signature), key):
        findings.problems.append("The manifest that the database keeps does not fit its signature.")
    if manifest != kept:
        findings.problems.append(f"{MANIFEST} differs from the one that was signed.")
    else:
        findings.checked.append(MANIFEST)
    if not seal.is_signed(kept, signature, key):
        findings.problems.append(f"{SIGNATURE} differs: it is not the signature of the manifest.")
    else:
        findings.checked.append(SIGNATURE)
    _check_files(sources, {entry["name"]: entry["sha256"] for entry in packing.files}, findings)
    return findings


def _check_files(sources: dict[str, Source], told: dict[str, str], findings: Findings) -> None:
    for name in sorted(told.keys() - sources.keys()):
        findings.problems.append(f"{name} is missing.")
    for name in sorted(sources.keys() - told.keys() - {MANIFEST, SIGNATURE}):
        findings.problems.append(f"{name} does not belong to this hand-over.")
        findings.problems += _marks(sources[name], name)
    for name in sorted(told.keys() & sources.keys()):
        digest = _digest(sources[name], findings, name)
        if digest == told[name]:
            findings.checked.append(name)
        elif digest is not None:
            findings.problems.append(f"{name} differs from the file that was made here.")
            findings.problems += _marks(sources[name], name)


def _check_file(path: Path) -> Findings:
    """Look a single file's digest up among all that was ever made; its name says nothing."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in _pieces(file):
            digest.update(piece)
    origins = origins_of(digest.hexdigest())
    if not origins:
        return Findings(problems=[f"{path.name} differs from every file of every hand-over.", *_marks(path, path.name)])
    names = list(dict.fromkeys(origin.name for origin in origins))
    never_left = all(origin.never_left for origin in origins)
    return Findings(origins=origins, checked=names, problems=[NEVER_LEFT] if never_left else [])


def _marks(source: Source, name: str) -> list[str]:
    """Return a sentence for each watermark in a file that is not as it was made here."""
    try:
        with _open(source) as file:
            editions = editions_in_file(file)
    except DAMAGE:
        return []
    return [f"{name} carries the watermark of {trace.sentence}" for trace in traces_of(editions)]


def _all_marks(sources: dict[str, Source]) -> list[str]:
    return [mark for name, source in sources.items() for mark in _marks(source, name)]


def _packing(manifest: bytes) -> Packing | None:
    """Return the packing with this manifest, or else what was handed over under the number that it tells."""
    found = Packing.objects.all().with_file(hashlib.sha256(manifest).hexdigest())
    if found:
        return next((file.packing for file in found if file.packing.is_handed_over), found[0].packing)
    number = _number(manifest)
    delivery = None if number is None else Delivery.objects.filter(pk=number).first()
    return None if delivery is None else delivery.latest_packing


def _number(manifest: bytes) -> int | None:
    try:
        number = json.loads(manifest)["delivery"]
    except (ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) and 0 < number < 1 << 63 else None


def _open(source: Source) -> IO[bytes]:
    return source.open("rb") if isinstance(source, Path) else source[0].open(source[1])


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece


def _digest(source: Source, findings: Findings, name: str) -> str | None:
    digest = hashlib.sha256()
    try:
        with _open(source) as file:
            for piece in _pieces(file):
                digest.update(piece)
    except DAMAGE:
        findings.problems.append(f"{name} is damaged in the ZIP.")
        return None
    return digest.hexdigest()


def _content(source: Source, findings: Findings, name: str) -> bytes:
    try:
        with _open(source) as file:
            return file.read()
    except DAMAGE:
        findings.problems.append(f"{name} is damaged in the ZIP.")
        return b""
