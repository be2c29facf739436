"""Unfolds what is compressed in a file that anybody may have made, and never more of it than a check may take."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PIECE_BYTES = 1 << 20
# A few bytes can unfold to a thousand times as many, and many files to that each. Lists of names and PDFs unfold to
# ten times their size at the most.
UNFOLDED_BYTES_MIN = 512 << 20
UNFOLDED_TIMES = 32
HELD_BYTES_MAX = 512 << 20
# RFC 1950: deflate, and a checksum over the first two bytes.
METHOD, METHOD_BITS, CHECKED_BY = 8, 0x0F, 31


@dataclass
class Budget:
    """What one check may still unfold, over all files together.

    :param left: bytes
    :param is_spent: whether something was left unread for want of them
    """

    left: int = UNFOLDED_BYTES_MIN
    is_spent: bool = False

    @classmethod
    def for_path(cls, path: Path) -> Budget:
        """Return what checking a file or a folder may take: the larger it is, the more."""
        return cls(UNFOLDED_BYTES_MIN + (UNFOLDED_TIMES * path.stat().st_size if path.is_file() else 0))

    def pieces(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield what unfolds as it is read, until the budget is spent."""
        while piece := file.read(min(PIECE_BYTES, self.left + 1)):
            if len(piece) > self.left:
                self.left, self.is_spent = 0, True
                return
            self.left -= len(piece)
            yield piece

    def content(self, pieces: Iterable[bytes]) -> bytes:
        """Return what has to be held in memory as a whole, cut where memory must not hold more."""
        content = bytearray()
        for piece in pieces:
            if len(content) + len(piece) > HELD_BYTES_MAX:
                self.is_spent = True
                break
            content += piece
        return bytes(content)

    def inflated(self, packed: bytes) -> Iterator[bytes]:
        """Yield what a zlib stream (RFC 1950) unfolds to, as far as it can be read and the budget reaches."""
        if len(packed) < 2 or packed[0] & METHOD_BITS != METHOD or int.from_bytes(packed[:2]) % CHECKED_BY:  # noqa: PLR2004
            return
        unfolder = zlib.decompressobj()
        while packed and not unfolder.eof:
            if self.left <= 0:
                self.is_spent = True
                return
            length = min(PIECE_BYTES, self.left)
            # Counted beforehand: what is damaged has been unfolded, too.
            self.left -= length
            try:
                piece = unfolder.decompress(packed, length)
            except zlib.error:
                return
            self.left += length - len(piece)
            packed = unfolder.unconsumed_tail
            yield piece
