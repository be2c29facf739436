"""A header whose value is a text that somebody wrote: encoded as it stands, never read."""

from __future__ import annotations

from email.header import Header
from email.policy import Policy
from typing import Self

LINE_LENGTH_MAX = 76


class TextHeader(str):
    """A value that the ``email`` package takes as a header that it has read already.

    Whatever it reads it decodes first: encoded words in a title (RFC 2047) would become line ends, and these further
    headers. It must have no control characters.

    :param text: on one line
    :param name: of the header
    """

    __slots__ = ("name",)
    name: str
    defects = ()
    max_count = 1

    def __new__(cls, text: str, *, name: str) -> Self:
        """Keep the text."""
        header = super().__new__(cls, text)
        header.name = name
        return header

    def fold(self, *, policy: Policy) -> str:
        """Return the header with its name, in lines of ASCII; what looks like an encoded word is encoded itself."""
        is_plain = self.isascii() and "=?" not in self
        header = Header(
            str(self), "us-ascii" if is_plain else "utf-8", maxlinelen=LINE_LENGTH_MAX, header_name=self.name
        )
        return f"{self.name}: {header.encode(linesep=policy.linesep)}{policy.linesep}"
