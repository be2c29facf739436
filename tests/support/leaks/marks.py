"""Marked values, and all encodings in which one may have been stored."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import quopri
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import quote, quote_plus

CODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1251", "latin-1")
DIGESTS = (hashlib.md5, hashlib.sha1, hashlib.sha256)
LINE_BREAK = re.compile(rb"=?\r?\n")
GZIP = b"\x1f\x8b\x08"
GZIP_WINDOW = 16 + zlib.MAX_WBITS
# Shorter values would be found by chance.
LENGTH_MIN = 8


@dataclass(frozen=True)
class Mark:
    """A marked value.

    what: description of the value.
    spellings: the value, and other readable ways of writing it.
    allowed: patterns of the places where it may occur.
    """

    what: str
    spellings: tuple[str, ...]
    allowed: tuple[str, ...] = ()

    def may_stand(self, place: str) -> bool:
        """Return whether it is allowed in a place."""
        return any(fnmatchcase(place, pattern) for pattern in self.allowed)


def forms_of(text: str) -> set[str]:
    """Return all variants of a text in case and normal form."""
    cased = {text, text.lower(), text.upper(), text.title()}
    return {unicodedata.normalize(form, one) for one in cased for form in ("NFC", "NFD")}


def needles_of(spelling: str) -> set[bytes]:
    """Return all byte sequences that a spelling may be encoded as, with ASCII in lower case."""
    found: set[bytes] = set()
    for text in forms_of(spelling):
        escaped = {text, quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1], html.escape(text)}
        escaped |= {"".join(f"&#{ord(c)};" for c in text), "".join(f"&#x{ord(c):x};" for c in text)}
        if not text.isascii():
            # In a domain's label this follows "xn--".
            escaped.add(text.encode("punycode").decode())
        found |= {one.encode() for one in escaped}
        found |= set(encoded(text))
    return {needle.lower() for needle in found if len(needle) >= LENGTH_MIN}


def encoded(text: str) -> Iterator[bytes]:
    """Yield the bytes of a text, and their usual text encodings."""
    for coding in CODINGS:
        try:
            data = text.encode(coding)
        except UnicodeEncodeError:
            continue
        yield from (data, data.hex().encode(), repr(data)[2:-1].encode())
        yield from (LINE_BREAK.sub(b"", quopri.encodestring(data, quotetabs=tabs)) for tabs in (False, True))
        yield "".join(f"\\{byte:03o}" for byte in data).encode()
        for offset in range(3):
            # These letters don't depend on what precedes and follows the data.
            whole = base64.b64encode(b"\0" * offset + data)
            inner = whole[4 if offset else 0 : len(whole) // 4 * 4 - 4]
            yield from (inner, inner.translate(bytes.maketrans(b"+/", b"-_")))
    for digest in DIGESTS:
        # Unkeyed hashes could be tested against guesses.
        yield from (digest(text.encode()).digest(), digest(text.encode()).hexdigest().encode())


def readings_of(content: bytes) -> list[bytes]:
    """Return a content in lower case, as it is, with wrapped lines joined, and decompressed."""
    readings = [content.lower(), LINE_BREAK.sub(b"", content).lower()]
    start = content.find(GZIP)
    while start >= 0:
        with suppress(zlib.error):
            readings.append(zlib.decompressobj(GZIP_WINDOW).decompress(content[start:]).lower())
        start = content.find(GZIP, start + 1)
    return readings


def found_in(places: Mapping[str, bytes], marks: Iterable[Mark]) -> set[tuple[Mark, str]]:
    """Return every mark with each place where it occurs."""
    readings = {place: readings_of(content) for place, content in places.items()}
    everything = b"\0".join(reading for several in readings.values() for reading in several)
    needles = {(mark, needle) for mark in marks for spelling in mark.spellings for needle in needles_of(spelling)}
    return {
        (mark, place)
        for mark, needle in needles
        # Hardly any occurs anywhere, and one long search is faster than hundreds of short ones.
        if needle in everything
        for place, several in readings.items()
        if any(needle in reading for reading in several)
    }
