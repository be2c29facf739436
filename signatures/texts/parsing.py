"""The parser behind all printers: CommonMark with tables, without features that surprise people who paste."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from signatures.texts.linking import drop_other_links, link_bare_address
from signatures.texts.pasting import as_markdown

# Indented paragraphs are not code, three backticks start no code block, and a line of hyphens does not turn the line
# above into a heading.
SURPRISES = ["code", "fence", "lheading"]


class Labels(dict[str, dict[str, object]]):
    """The addresses that a text defines by label (link references), and which of them it uses."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.used: set[str] = set()

    def get(self, label: str, default: object = None) -> object:  # type: ignore[override]
        """Return a reference to the library, and note that its label is used."""
        if label in self:
            self.used.add(label)
        return super().get(label, default)


class TextParser(MarkdownIt):
    """Parses CommonMark with tables and without HTML; of forbidden links and images it keeps only the words."""

    def __init__(self) -> None:
        """Configure the library's parser and add the rules of this package."""
        super().__init__("commonmark", {"html": False, "typographer": False, "inline_definitions": True})
        self.enable("table").disable(SURPRISES)
        self.inline.ruler.before("newline", "bare_address", link_bare_address)
        self.inline.ruler.at("emphasis", mark_emphasis)
        self.core.ruler.before("text_join", "allowed_links", drop_other_links)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Accept every address for now: a refused link would be printed as typed, with brackets and address."""
        return True

    def read(self, source: str) -> tuple[list[Token], set[str]]:
        """Return the tokens of a typed or pasted text, and the labels that it uses."""
        labels = Labels()
        return self.parse(as_markdown(source), {"references": labels}), labels.used


def mark_emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's interface
    """Mark where emphasis may begin and end: as CommonMark does, and also next to a word.

    CommonMark does not end emphasis in “**Word:**text”, which word processors write.
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
        # Multiplication, such as 2*2*2.
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
