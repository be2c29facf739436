"""Reads SHA-256 digests from what programs print."""

from __future__ import annotations

import re

DIGEST = re.compile(r"[0-9a-f]{64}")


def digests_in(text: str) -> list[str]:
    """Return the digests that sha256sum, shasum or certutil print, one a line, whatever else was copied with them."""
    found = []
    for line in text.lower().splitlines():
        # Older versions of certutil put a blank after each byte.
        match = DIGEST.search(line) or DIGEST.search("".join(line.split()))
        if match:
            found.append(match.group())
    return found
