"""Names the browser and the system of a visitor by a small fixed table, so that nothing else of the header is kept."""

from __future__ import annotations

from dataclasses import dataclass

# The first mark that is there decides: most browsers also carry the marks of those below.
BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
LENGTH_MAX = 500


@dataclass(frozen=True)
class Browser:
    """A browser on a system, each empty if the table does not know it."""

    name: str = ""
    system: str = ""


def browser_of(user_agent: str) -> Browser:
    """Return the browser that a User-Agent header belongs to."""
    read = user_agent[:LENGTH_MAX]
    return Browser(_first(BROWSERS, read), _first(SYSTEMS, read))


def _first(table: tuple[tuple[str, str], ...], read: str) -> str:
    return next((name for mark, name in table if mark in read), "")
