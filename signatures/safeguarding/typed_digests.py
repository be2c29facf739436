"""Finds SHA-256 digests in the output of programs."""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGEST = re.compile(r"[0-9a-f]{64}")
LINE = re.compile(r"(?P<before>.*?)(?P<digest>[0-9a-f]{64})(?P<after>.*)", re.IGNORECASE | re.ASCII)
# The format of BSD's programs and openssl: SHA256 (name) = digest
NAME_BEFORE = re.compile(r"\((.+)\)\s*=\s*$")


@dataclass(frozen=True)
class PrintedDigest:
    """A digest printed by a program.

    :param name: of the file, or whatever was printed in its place; empty if nothing was
    """

    digest: str
    name: str


def printed_digests(text: str) -> list[PrintedDigest]:
    """Return the digests in the output of a program, one per line, with the names of the files."""
    found, heading = [], ""
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        digests = [match["digest"].lower()] if match else digests_in(line)
        found += [PrintedDigest(digest, (_name_in(match) if match else "") or heading) for digest in digests]
        # certutil prints the name on the line before.
        heading = line.strip().removesuffix(":") if line.rstrip().endswith(":") else ""
    return found


def _name_in(line: re.Match[str]) -> str:
    before = NAME_BEFORE.search(line["before"])
    # An asterisk marks a file that was read in binary mode.
    return before[1] if before else line["after"].strip().removeprefix("*")


def digests_in(text: str) -> list[str]:
    """Return the digests in output of sha256sum, shasum or certutil, one per line, and ignore any other text."""
    found = []
    for line in text.lower().splitlines():
        # Older versions of certutil print a space after each byte.
        match = DIGEST.search(line) or DIGEST.search("".join(line.split()))
        if match:
            found.append(match.group())
    return found
