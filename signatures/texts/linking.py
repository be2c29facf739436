"""The one rule on links in texts: the web or mail, by a whole address that leads where it seems to lead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# The host stands right behind two slashes, in letters, digits, dots and hyphens alone: browsers repair everything else
# into some address, and a name before an @ would be taken for the host. Whatever may follow is percent-encoded ASCII.
HOST = r"(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])"
MAILBOX = r"[a-z0-9.!$&'*+=^_`{|}~%-]+@" + HOST
# Visible ASCII without the backslash, which browsers read as a slash.
REST = r"[!-\[\]-~]*"
ALLOWED = re.compile(
    rf"(?:https?://{HOST}(?::[0-9]{{1,5}})?(?:[/?#]{REST})?|mailto:{MAILBOX}(?:,{MAILBOX})*(?:\?{REST})?)",
    re.IGNORECASE | re.ASCII,
)


def is_allowed(address: str) -> bool:
    """Tell whether a link may lead to an address, as the parser has encoded it: http, https or mailto, and absolute."""
    return ALLOWED.fullmatch(address) is not None


class TextParser(MarkdownIt):
    """Reads CommonMark with tables and without HTML; of other links, and of images, it leaves the words alone."""

    def __init__(self) -> None:
        """Set it up."""
        super().__init__("commonmark", {"html": False, "typographer": False})
        self.enable("table")
        self.core.ruler.before("text_join", "allowed_links", _drop_other_links)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Take every address for now: what is refused here is printed as it was typed, brackets and all."""
        return True


def _drop_other_links(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = list(_without_other_links(token.children))


def _without_other_links(tokens: Iterable[Token]) -> Iterator[Token]:
    is_kept = False
    for token in tokens:
        if token.type == "link_open":
            is_kept = is_allowed(str(token.attrs["href"]))
        if token.type == "image":
            yield from _words_of_image(token)
        elif is_kept or token.type not in {"link_open", "link_close"}:
            yield token


def _words_of_image(image: Token) -> Iterator[Token]:
    """Yield what stands in place of an image; without links, since the image may itself stand in one."""
    for token in image.children or []:
        if token.type == "image":
            yield from _words_of_image(token)
        elif token.type not in {"link_open", "link_close"}:
            yield token
