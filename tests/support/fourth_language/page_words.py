"""Extracts the texts of a page that should be in its language."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr", "col", "base", "wbr"}
# Elements with code, or with what somebody has typed.
UNSEEN = {"script", "style", "textarea"}
SHOWN_ATTRIBUTES = ("alt", "title", "aria-label", "placeholder")
# <meta> names that search engines and other sites show.
SHOWN_META = {"description", "og:title", "og:description", "og:image:alt", "og:site_name"}


class PageReader(HTMLParser):
    """Collects the texts of a page in one language, except those with translate="no"."""

    def __init__(self, page: str, language: str) -> None:
        """Read a page."""
        super().__init__()
        self.language = language
        self.page_language = ""
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record visible attributes, and whether the following text is in this language."""
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.page_language = given.get("lang", "")
        other = given.get("lang", self.language) != self.language
        is_left_out = other or given.get("translate") == "no" or tag in UNSEEN or any(left for _, left in self.open)
        if not is_left_out:
            self.texts += [given[name] for name in SHOWN_ATTRIBUTES if name in given]
            if given.get("name", given.get("property")) in SHOWN_META:
                self.texts.append(given.get("content", ""))
            if tag == "input" and given.get("type") in {"submit", "button", "reset"}:
                self.texts.append(given.get("value", ""))
        if tag not in VOID:
            self.open.append((tag, is_left_out))

    def handle_endtag(self, tag: str) -> None:
        """Drop the element that ends, with unclosed elements inside it."""
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Record a text."""
        if data.strip() and not any(left for _, left in self.open):
            self.texts.append(re.sub(r"\s+", " ", data))
