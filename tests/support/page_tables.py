"""Reads the tables of a page."""

from __future__ import annotations

from html.parser import HTMLParser


class Tables(HTMLParser):
    """Reads each table of a page as its caption and rows."""

    def __init__(self, page: str) -> None:
        """Read the page."""
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._is_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self._is_cell = True

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        self._is_cell = self._is_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        """Add the words of a cell."""
        if self._is_cell:
            self.tables[-1][-1][-1] += " ".join(data.split())


def table(page: str, heading: str) -> dict[str, str]:
    """Return the second column of the table whose first column has this heading, by the first."""
    (found,) = (rows for rows in Tables(page).tables if rows[0][0] == heading)
    return {row[0]: row[1] for row in found[1:]}
