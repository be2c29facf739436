"""The parser that all printers of a text share: CommonMark with tables, less what surprises people who paste."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from signatures.texts.linking import drop_other_links, link_bare_address
from signatures.texts.pasting import as_markdown

# Paragraphs that are set in are no code, three signs fence nothing in, and a line of hyphens makes no heading of the
# line above it.
SURPRISES = ["code", "fence", "lheading"]


class Labels(dict[str, dict[str, object]]):
    """The addresses that a text defines by a label, and which of them it uses."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.used: set[str] = set()

    def get(self, label: str, default: object = None) -> object:  # type: ignore[override]
        """Return an address as the library asks for it, and note that it is used."""
        if label in self:
            self.used.add(label)
        return super().get(label, default)


class TextParser(MarkdownIt):
    """Reads CommonMark with tables and without HTML; of other links, and of images, it leaves the words alone."""

    def __init__(self) -> None:
        """Set it up."""
        super().__init__("commonmark", {"html": False, "typographer": False, "inline_definitions": True})
        self.enable("table").disable(SURPRISES)
        self.inline.ruler.before("newline", "bare_address", link_bare_address)
        self.inline.ruler.at("emphasis", mark_emphasis)
        self.core.ruler.before("text_join", "allowed_links", drop_other_links)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Take every address for now: what is refused here is printed as it was typed, brackets and all."""
        return True

    def read(self, source: str) -> tuple[list[Token], set[str]]:
        """Return the tokens of a text as it was typed or pasted, and the labels of addresses that it uses."""
        labels = Labels()
        return self.parse(as_markdown(source), {"references": labels}), labels.used


def mark_emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's interface
    """Note where emphasis may begin and end: as CommonMark does, and where a word follows or goes before at once.

    CommonMark does not end it in “**Word:**text”, which word processors write.
    """
    marker = state.src[state.pos]
    if silent or marker not in {"*", "_"}:
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    before = state.src[state.pos - 1] if state.pos else " "
    end = state.pos + scanned.length
    after = state.src[end] if end < state.posMax else " "
    opens, closes = scanned.can_open, scanned.can_close
    if marker == "*" and before.isdigit() and after.isdigit():
        # A product, such as 2*2*2.
        opens = closes = False
    elif not isWhiteSpace(ord(before)) and not isWhiteSpace(ord(after)):
        opens |= marker == "*" and _is_sign(after)
        closes |= _is_sign(before)
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        token = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord(marker), scanned.length, token, -1, open=opens, close=closes))
    state.pos = end
    return True


def _is_sign(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)
