"""Parses forms as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Collects the values that a page's form would submit."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.method = ""
        self.values: dict[str, str] = {}
        self.textarea: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record a field."""
        given_attrs = dict(attrs)
        if tag == "form":
            self.method = given_attrs.get("method") or ""
            assert "action" not in given_attrs
        if tag == "input":
            self.values[given_attrs["name"] or ""] = given_attrs.get("value") or ""
        if tag == "textarea":
            self.textarea = given_attrs["name"] or ""
            self.values[self.textarea] = ""

    def handle_data(self, data: str) -> None:
        """Record the text of a field; browsers drop a leading line end."""
        if self.textarea:
            self.values[self.textarea] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        """Record the end of a field."""
        self.textarea = None if tag == "textarea" else self.textarea
