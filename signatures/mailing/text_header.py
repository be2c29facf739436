"""A header for free text, which is encoded as it is and never parsed."""

from __future__ import annotations

from email.header import Header
from email.policy import Policy
from typing import Self

LINE_LENGTH_MAX = 76


class TextHeader(str):
    """A value that the ``email`` package treats as an already parsed header.

    Parsing would decode encoded words (RFC 2047): one in a title could become a line end, and that start a new header.

    :param text: on one line, without control characters
    :param name: of the header
    """

    __slots__ = ("name",)
    name: str
    defects = ()
    max_count = 1

    def __new__(cls, text: str, *, name: str) -> Self:
        """Create the string and attach the header's name."""
        header = super().__new__(cls, text)
        header.name = name
        return header

    def fold(self, *, policy: Policy) -> str:
        """Return the header with its name, in lines of ASCII; text that looks like an encoded word is encoded again."""
        is_plain = self.isascii() and "=?" not in self
        header = Header(
            str(self), "us-ascii" if is_plain else "utf-8", maxlinelen=LINE_LENGTH_MAX, header_name=self.name
        )
        return f"{self.name}: {header.encode(linesep=policy.linesep)}{policy.linesep}"
