"""Decompresses untrusted files within a budget, as a guard against decompression bombs."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHUNK_BYTES = 1 << 20
# A few bytes can expand a thousandfold, and a package can contain many such files. Lists of names and PDFs expand at
# most tenfold.
DECOMPRESSED_BYTES_MIN = 512 << 20
DECOMPRESSED_TIMES = 32
HELD_BYTES_MAX = 512 << 20
# RFC 1950: deflate, and a checksum over the first two bytes.
METHOD, METHOD_BITS, CHECKED_BY = 8, 0x0F, 31


@dataclass
class Budget:
    """How much one check may still decompress, over all files together.

    :param left: remaining bytes
    :param is_spent: whether something was left unread because they ran out
    """

    left: int = DECOMPRESSED_BYTES_MIN
    is_spent: bool = False

    @classmethod
    def for_path(cls, path: Path) -> Budget:
        """Return the budget for checking a file or a folder; it grows with the file's size."""
        return cls(DECOMPRESSED_BYTES_MIN + (DECOMPRESSED_TIMES * path.stat().st_size if path.is_file() else 0))

    def chunks(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield chunks of a file that is decompressed while it is read, until the budget is exhausted."""
        while chunk := file.read(min(CHUNK_BYTES, self.left + 1)):
            if len(chunk) > self.left:
                self.left, self.is_spent = 0, True
                return
            self.left -= len(chunk)
            yield chunk

    def content(self, chunks: Iterable[bytes]) -> bytes:
        """Return the chunks joined in memory, truncated at the limit for that."""
        content = bytearray()
        for chunk in chunks:
            if len(content) + len(chunk) > HELD_BYTES_MAX:
                self.is_spent = True
                break
            content += chunk
        return bytes(content)

    def decompressed(self, packed: bytes) -> Iterator[bytes]:
        """Yield the content of a zlib stream (RFC 1950), as far as it is intact and the budget lasts."""
        if len(packed) < 2 or packed[0] & METHOD_BITS != METHOD or int.from_bytes(packed[:2]) % CHECKED_BY:  # noqa: PLR2004
            return
        decompressor = zlib.decompressobj()
        while packed and not decompressor.eof:
            if self.left <= 0:
                self.is_spent = True
                return
            length = min(CHUNK_BYTES, self.left)
            # Charged beforehand, since damaged data costs time as well.
            self.left -= length
            try:
                chunk = decompressor.decompress(packed, length)
            except zlib.error:
                return
            self.left += length - len(chunk)
            packed = decompressor.unconsumed_tail
            yield chunk
