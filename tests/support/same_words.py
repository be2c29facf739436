"""Generates pasted texts with words that differ from all markup, and extracts the words that each printer prints."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any, cast

from hypothesis import strategies as st

from signatures.canonical import canonical_json
from signatures.delivering.writers.pdf.markdown import typst_nodes
from signatures.texts.digest import TEXT_PARTS, BodyContent, VersionContent, normalize_text
from signatures.texts.html_printer import render_markdown
from signatures.texts.plain_printer import plain_text

WORD = re.compile(r"сл\d+во")
UNSEEN = re.compile("[\xad\u200b\u2060\ufeff]")
# Each @ is replaced by a unique word.
BLOCKS = (
    "@ @",
    "\t@ @",
    "        @\n\t@",
    "\xa0\xa0@",
    "\u3000@",
    "```\n@\n@\n```",
    "```@\n@\n```",
    "~~~\n@\n~~~",
    "##### @",
    "#\xa0@",
    "##@",
    "#@",
    "####### @ #",
    "• @\n• @",
    "•@\n•\t@",
    "\t• @\n\t\t◦ @\n\t• @",
    "– @\n– @",
    "— @",
    "-@\n-@",
    "*\xa0@",
    "o\t@\n§\t@",
    "\uf0b7\t@",
    "1.\xa0@\n2.\xa0@",
    "1)@\n2)@",
    "1. @\n\n1. @",
    "3. @\n5. @",
    "2011. @",
    "а) @\nб) @",
    "(1) @\n(2) @",
    "i. @\nii. @",
    "1.1. @\n1.2. @",
    "1. @\n   а) @\n   б) @\n2. @",
    "@\n@\n@",
    "@\n---\n@",
    "@\n===\n@",
    "@\n———\n@",
    "**@:**@",
    "** @ **@",
    "**@ **@ **@**",
    "***@***@",
    "_@:_@",
    "*@*, **@",
    "2*2*2 @",
    "https://example.org/x @",
    "@ (https://example.org/a_b_c). @",
    "@ <https://example.org>, a.b@\u200bexample.org",
    "![@](https://example.org/a.png)",
    '![@ *@*](https://example.org/a.png "@")',
    '[@](https://example.org "@") @',
    "[@](javascript:x) [@](/here) @",
    "[@][l] @\n\n[l]: https://example.org '@'",
    "[unused]: https://example.org '@'",
    "[@]: https://example.org",
    "| @ | @ |\n|---|---|\n| @ | @ | @ |\n| @ |",
    "@ | @\n--- | ---\n@ | **@**",
    "@\t@\n@\t@\n@\t@",
    "@\t@",
    "<p>@</p>",
    "<b>@</b><br>@",
    "<!-- @ -->",
    "&nbsp;&nbsp;@",
    "&bull; @\n&bull; @",
    "@&nbsp;@&shy;",
    "> @\n> @",
    ">5 @",
    "`@` ``@``",
    "“@” «@»…",
    "@\x0c@",
    "@\x0b@\x07@",
    "@\u2028@\u2029@",
    "\ufeff@\u200b \xad@",
    "\ufffc@",
    "\\*@\\* 1\\. @",
    "+ 375 @",
    "@ " + "ж" * 140 + "\n@",
    "@  \n@",
    "- @\n@",
    "- @\n\n    @\n\n  @",
    "12. @\n\t- @\n\t\t1. @\n@",
)
SOUP = (
    *"*_`#|>[]!<&\\~+=:-\t\n. ()",
    "\n\n",
    "**",
    "1. ",
    "- ",
    "• ",
    "---",
    "|-|-|",
    "\u2028",
    "\xa0",
    "&nbsp;",
    "<br>",
)
# Addresses and their labels don't count as words of a text.
ADDRESS = re.compile(r"\]\s*[(:\[]|<\s*[a-zA-Z]")


def _numbered(template: str) -> str:
    parts = template.split("@")
    # The at sign of an address is marked by an invisible character after it.
    joined = parts[0]
    for number, part in enumerate(parts[1:]):
        joined += "@" + part[1:] if part.startswith("\u200b") else f"сл{number}во{part}"
    return joined


def _with_words(texts: list[str]) -> str:
    """Return the texts joined, each word with its own number; every seventh contains a soft hyphen."""
    count = iter(range(10_000))

    def word(_: re.Match[str]) -> str:
        number = next(count)
        return f"сл{number}во" if number % 7 else f"сл\xad{number}во"

    return WORD.sub(word, "".join(texts))


PASTED = st.lists(
    st.tuples(st.sampled_from(BLOCKS).map(_numbered), st.sampled_from(["\n\n", "\n", "\r\n", "\n\n\n"])),
    min_size=1,
    max_size=12,
).map(lambda pairs: _with_words([piece for pair in pairs for piece in pair]))
MIXED = (
    st.lists(st.sampled_from([*SOUP, *["сл0во", "сл0во ", " сл0во"] * 6]), max_size=40)
    .map(_with_words)
    .filter(lambda text: not ADDRESS.search(text))
)


class _Page(HTMLParser):
    """Collects the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""

    def handle_data(self, data: str) -> None:
        self.said += data


def words_in(said: str) -> list[str]:
    """Return the words of a text in order, ignoring invisible characters."""
    return WORD.findall(UNSEEN.sub("", said))


def page_words(source: str) -> list[str]:
    """Return the words on the page."""
    page = _Page()
    page.feed(render_markdown(source))
    return words_in(page.said)


def document_words(source: str) -> list[str]:
    """Return the words in the input of the PDF document."""
    return words_in(_said(typst_nodes(source)))


def file_words(source: str) -> list[str]:
    """Return the words in the text file."""
    return words_in(plain_text(source))


def digest_words(source: str) -> list[str]:
    """Return the words that the digest is computed from."""
    body = cast("BodyContent", dict.fromkeys(TEXT_PARTS, "") | {"body": normalize_text(source)})
    content: VersionContent = {
        "petition": "p",
        "version": 1,
        "protection": "GUARDED",
        "asks_city": False,
        "contact": "",
        "bodies": {"ru": body},
        "recipients": [],
    }
    return words_in(json.loads(canonical_json(content))["bodies"]["ru"]["body"])


def _said(node: Any) -> str:
    if isinstance(node, list):
        return " ".join(map(_said, node))
    if not isinstance(node, dict):
        return ""
    return str(node["text"]) if node.get("kind") == "text" else " ".join(map(_said, node.values()))
