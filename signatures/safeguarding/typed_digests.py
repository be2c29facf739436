"""Reads SHA-256 digests from what programs print."""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGEST = re.compile(r"[0-9a-f]{64}")
LINE = re.compile(r"(?P<before>.*?)(?P<digest>[0-9a-f]{64})(?P<after>.*)", re.IGNORECASE | re.ASCII)
# BSD's programs and openssl: SHA256 (name) = digest
NAME_BEFORE = re.compile(r"\((.+)\)\s*=\s*$")


@dataclass(frozen=True)
class PrintedDigest:
    """A digest as a program printed it.

    :param name: of the file, or what stood in its place; empty if nothing did
    """

    digest: str
    name: str


def printed_digests(text: str) -> list[PrintedDigest]:
    """Return the digests that programs print, one a line, with the names of the files."""
    found, heading = [], ""
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        digests = [match["digest"].lower()] if match else digests_in(line)
        found += [PrintedDigest(digest, (_name_in(match) if match else "") or heading) for digest in digests]
        # certutil prints the name in a line before.
        heading = line.strip().removesuffix(":") if line.rstrip().endswith(":") else ""
    return found


def _name_in(line: re.Match[str]) -> str:
    before = NAME_BEFORE.search(line["before"])
    # An asterisk stands where a file was read as bytes.
    return before[1] if before else line["after"].strip().removeprefix("*")


def digests_in(text: str) -> list[str]:
    """Return the digests that sha256sum, shasum or certutil print, one a line, whatever else was copied with them."""
    found = []
    for line in text.lower().splitlines():
        # Older versions of certutil put a blank after each byte.
        match = DIGEST.search(line) or DIGEST.search("".join(line.split()))
        if match:
            found.append(match.group())
    return found
