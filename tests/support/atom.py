"""Reads an Atom feed as strictly as RFC 4287 says that it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
IDENTIFIER = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# How often each element may stand in a feed and in an entry; what is in neither is not written.
IN_FEED = {"title": 1, "subtitle": 1, "link": 2, "id": 1, "updated": 1, "author": 1}
IN_ENTRY = {"title": 1, "link": 1, "published": 1, "updated": 1, "id": 1, "content": 1}


@dataclass(frozen=True)
class Entry:
    """An entry of a feed.

    :param language: its own, or that of the feed
    :param content: HTML
    """

    identifier: str
    title: str
    link: str
    updated: datetime
    language: str
    content: str


@dataclass(frozen=True)
class Feed:
    """A feed."""

    identifier: str
    title: str
    author: str
    language: str
    alternate: str
    itself: str
    updated: datetime
    entries: list[Entry]


def read_feed(content: bytes) -> Feed:
    """Return a feed; fail if it is not as the standard says."""
    root = ET.fromstring(content)  # noqa: S314 - our own
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    _counted(root, IN_FEED | {"entry": len(entries)})
    language = root.get(LANG)
    assert language is not None
    links = {link.get("rel"): _absolute(link.get("href")) for link in root.findall(f"{ATOM}link")}
    feed = Feed(
        _identifier(root),
        _text(root, "title"),
        _text(root, f"author/{ATOM}name"),
        language,
        links["alternate"],
        links["self"],
        _instant(root, "updated"),
        [_entry(entry, language) for entry in entries],
    )
    identifiers = [feed.identifier, *(entry.identifier for entry in feed.entries)]
    assert len(set(identifiers)) == len(identifiers)
    assert all(entry.updated <= feed.updated for entry in feed.entries)
    return feed


def _entry(entry: ET.Element, language: str) -> Entry:
    _counted(entry, IN_ENTRY)
    (link,) = entry.findall(f"{ATOM}link")
    (content,) = entry.findall(f"{ATOM}content")
    assert (link.get("rel"), content.get("type")) == ("alternate", "html")
    assert _instant(entry, "published") <= _instant(entry, "updated")
    return Entry(
        _identifier(entry),
        _text(entry, "title"),
        _absolute(link.get("href")),
        _instant(entry, "updated"),
        entry.get(LANG, language),
        _text(entry, "content"),
    )


def _counted(element: ET.Element, wanted: dict[str, int]) -> None:
    names = [child.tag.removeprefix(ATOM) for child in element]
    assert {name: names.count(name) for name in names} == {name: amount for name, amount in wanted.items() if amount}


def _text(element: ET.Element, name: str) -> str:
    (found,) = element.findall(f"{ATOM}{name}")
    assert found.text
    return found.text


def _identifier(element: ET.Element) -> str:
    identifier = _text(element, "id")
    assert IDENTIFIER.fullmatch(identifier)
    return identifier


def _instant(element: ET.Element, name: str) -> datetime:
    written = _text(element, name)
    assert INSTANT.fullmatch(written)
    return datetime.fromisoformat(written)


def _absolute(address: str | None) -> str:
    assert address is not None
    assert urlsplit(address).scheme in {"http", "https"}
    assert urlsplit(address).netloc
    return address
