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

from signatures.delivering.manifest import MANIFEST, SIGNATURE
from signatures.models import Delivery
from signatures.safeguarding import seal

PIECE_BYTES = 1 << 20
ENCRYPTED = 0x1


class UnreadableError(Exception):
    """The files cannot be read; the message says why."""


@dataclass
class Findings:
    """What a check found.

    :param delivery: number of the hand-over that the files are of, or None if they are of none
    :param problems: a sentence for each thing that is not as it was handed over, with the file's name
    :param checked: names of the files that are as they were handed over
    """

    delivery: int | None = None
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
        return findings
    manifest = _content(sources[MANIFEST], findings, MANIFEST)
    signature = _content(sources[SIGNATURE], findings, SIGNATURE)
    number = _number(manifest)
    delivery = Delivery.objects.filter(pk=number).exclude(manifest="").first() if number is not None else None
    if delivery is None:
        findings.problems.append(f"{MANIFEST} is that of no hand-over of this site.")
        return findings
    findings.delivery = delivery.pk
    # What this site signed is what counts, whatever the manifest in hand says.
    kept = delivery.manifest.encode()
    if not seal.is_signed(kept, bytes(delivery.signature), bytes(delivery.public_key)):
        findings.problems.append("The manifest that the database keeps does not fit its signature.")
    if manifest != kept:
        findings.problems.append(f"{MANIFEST} differs from the one that was signed.")
    else:
        findings.checked.append(MANIFEST)
    if not seal.is_signed(kept, signature, bytes(delivery.public_key)):
        findings.problems.append(f"{SIGNATURE} differs: it is not the signature of the manifest.")
    else:
        findings.checked.append(SIGNATURE)
    _check_files(sources, {entry["name"]: entry["sha256"] for entry in delivery.files}, findings)
    return findings


def _check_files(sources: dict[str, Source], told: dict[str, str], findings: Findings) -> None:
    for name in sorted(told.keys() - sources.keys()):
        findings.problems.append(f"{name} is missing.")
    for name in sorted(sources.keys() - told.keys() - {MANIFEST, SIGNATURE}):
        findings.problems.append(f"{name} does not belong to this hand-over.")
    for name in sorted(told.keys() & sources.keys()):
        digest = _digest(sources[name], findings, name)
        if digest == told[name]:
            findings.checked.append(name)
        elif digest is not None:
            findings.problems.append(f"{name} differs from the file that was handed over.")


def _check_file(path: Path) -> Findings:
    """Look a single file's digest up among all hand-overs; its name says nothing."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in _pieces(file):
            digest.update(piece)
    for delivery in Delivery.objects.exclude(manifest="").order_by("-id"):
        told = {entry["sha256"]: entry["name"] for entry in delivery.files}
        told |= {
            delivery.manifest_digest: MANIFEST,
            hashlib.sha256(bytes(delivery.signature)).hexdigest(): SIGNATURE,
        }
        if digest.hexdigest() in told:
            return Findings(delivery=delivery.pk, checked=[told[digest.hexdigest()]])
    return Findings(problems=[f"{path.name} differs from every file of every hand-over."])


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
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        findings.problems.append(f"{name} is damaged in the ZIP.")
        return None
    return digest.hexdigest()


def _content(source: Source, findings: Findings, name: str) -> bytes:
    try:
        with _open(source) as file:
            return file.read()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        findings.problems.append(f"{name} is damaged in the ZIP.")
        return b""
