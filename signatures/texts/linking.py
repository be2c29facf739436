"""Which links texts may contain: to the web or mail, by an absolute address that leads where it seems to lead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

# The host follows two slashes and has only letters, digits, dots and hyphens: browsers repair everything else into some
# address, and a reader would mistake a name before an @ for the host. The rest is percent-encoded ASCII.
HOST = r"(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])"
MAILBOX = r"[a-z0-9.!$&'*+=^_`{|}~%-]+@" + HOST
# Visible ASCII without the backslash, which browsers read as a slash.
REST = r"[!-\[\]-~]*"
ALLOWED = re.compile(
    rf"(?:https?://{HOST}(?::[0-9]{{1,5}})?(?:[/?#]{REST})?|mailto:{MAILBOX}(?:,{MAILBOX})*(?:\?{REST})?)",
    re.IGNORECASE | re.ASCII,
)
SCHEME_AT_END = re.compile(r"(?:^|(?<=[^\w.+-]))https?$", re.IGNORECASE)
# A bare address ends at whitespace, at a quotation mark, and where emphasis or HTML may begin.
BARE = re.compile(r"://(?P<host>[^\s/?#<>«»“”„\"'*`|\\,;!()…]{1,254})(?P<rest>[/?#][^\s<>«»“”„\"*`|\\…]{0,2000})?")
ADDRESS_CHARACTERS_MAX = 2000
HOST_CHARACTERS_MAX = 253
SCHEME_CHARACTERS = len("https") + 1
SENTENCE_SIGNS = ".,;:!?'’_~"
CLOSING = {")": "(", "]": "[", "}": "{"}
# Mailboxes as people print them. After a slash or another @ it would be part of something else.
BARE_MAILBOX = re.compile(
    r"(?<![\w.+/@%-])(?P<mailbox>[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})(?![\w@]|[.-]\w)"
)
# A site without a scheme. After two slashes, BARE matches it first.
BARE_SITE = re.compile(
    r"(?<![\w.+/@%:-])(?P<site>www\.(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.)+[^\W\d_]{2,63})(?![\w@-])"
    r"(?P<rest>(?::[0-9]{1,5})?(?:[/?#][^\s<>«»“”„\"*`|\\…]{0,2000})?)",
    re.IGNORECASE,
)
REFUSED = "refused_link"


def is_allowed(address: str) -> bool:
    """Return whether a link may lead to an address, as encoded by the parser: absolute, and http, https or mailto."""
    return ALLOWED.fullmatch(address) is not None


def link_bare_address(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's interface
    """Turn a bare address in a text into a link, without a trailing full stop, comma or bracket."""
    if state.linkLevel or state.src[state.pos] != ":":
        return False
    scheme, found = (
        SCHEME_AT_END.search(state.pending[-SCHEME_CHARACTERS:]),
        BARE.match(state.src, state.pos, state.posMax),
    )
    if (
        scheme is None
        or found is None
        or len(found.group()) > ADDRESS_CHARACTERS_MAX
        or len(found["host"]) > HOST_CHARACTERS_MAX
    ):
        return False
    # Its short beginning first, since other addresses may begin within all that follows.
    is_longer = (found["rest"] or "").strip(SENTENCE_SIGNS + "".join(CLOSING))
    begun = f"://{found['host']}"
    if not is_allowed(state.md.normalizeLink(scheme.group() + (begun if is_longer else _without_ending(begun)))):
        return False
    typed = scheme.group() + _without_ending(found.group())
    address = state.md.normalizeLink(typed)
    if not is_allowed(address):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme.group())]
        state.push("link_open", "a", 1).attrs = {"href": address}
        state.push("text", "", 0).content = typed
        state.push("link_close", "a", -1)
    state.pos += len(typed) - len(scheme.group())
    return True


def _without_ending(address: str) -> str:
    while address[-1] in SENTENCE_SIGNS or (
        address[-1] in CLOSING and address.count(address[-1]) > address.count(CLOSING[address[-1]])
    ):
        address = address[:-1]
    return address


def with_bare_links(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text in pieces, each with the address to link to, or an empty one."""
    start = 0
    for typed, address in _bare(text):
        if is_allowed(address):
            place = text.index(typed, start)
            yield text[start:place], ""
            yield typed, address
            start = place + len(typed)
    yield text[start:], ""


def _bare(text: str) -> Iterator[tuple[str, str]]:
    """Yield the sites and mailboxes in a text in order, not overlapping, with the addresses they link to."""
    sites = ((found, _without_ending(found.group())) for found in BARE_SITE.finditer(text))
    found_at = [(found.start(), typed, normalizeLink(f"https://{typed}")) for found, typed in sites]
    found_at += [
        (found.start(), found["mailbox"], f"mailto:{found['mailbox']}") for found in BARE_MAILBOX.finditer(text)
    ]
    end = 0
    for start, typed, address in sorted(found_at):
        if start >= end:
            yield typed, address
            end = start + len(typed)


def drop_other_links(state: StateCore) -> None:
    """Replace every forbidden link, and every picture, by its words."""
    for token in state.tokens:
        if token.children:
            token.children = list(_without_other_links(token.children))


def _without_other_links(tokens: Iterable[Token]) -> Iterator[Token]:
    is_kept, title = False, ""
    for token in tokens:
        if token.type == "link_open":
            is_kept, title = is_allowed(str(token.attrs["href"])), str(token.attrs.get("title", ""))
            if not is_kept:
                yield Token(REFUSED, "", 0, content=str(token.attrs["href"]))
        if token.type == "image":
            yield from _words_of_image(token)
        elif is_kept or token.type not in {"link_open", "link_close"}:
            yield token
        if token.type == "link_close":
            yield from _words_of_title(title)


def _words_of_image(image: Token) -> Iterator[Token]:
    """Yield the replacement for an image; without links, since the image may itself be inside one."""
    yield Token("image", "", 0, content=image.content)
    for token in image.children or []:
        if token.type == "image":
            yield from _words_of_image(token)
        elif token.type not in {"link_open", "link_close"}:
            yield token
    yield from _words_of_title(str(image.attrs.get("title", "")))


def _words_of_title(title: str) -> Iterator[Token]:
    """Yield a link's title as text, since browsers show it only on hover, and paper never."""
    if title.strip():
        yield Token("text", "", 0, content=f" ({title.strip()})")
