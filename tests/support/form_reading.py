"""Reads forms as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Reads from a page what its form would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.method = ""
        self.values: dict[str, str] = {}
        self.textarea: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a field."""
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
        """Note the text of a field; a browser drops the line end that it begins with."""
        if self.textarea:
            self.values[self.textarea] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a field."""
        self.textarea = None if tag == "textarea" else self.textarea
