"""Writes the letter, the petition and the names as PDF, at most 10,000 names to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from signatures.delivering.writers.fields import Row
from signatures.delivering.writers.pdf.contents import Content, Document
from signatures.delivering.writers.pdf.names import line_cost, names_content, visible
from signatures.delivering.writers.pdf.press import press

DOCUMENT = "petition.pdf"
# Both bound the memory needed to typeset one file: long names fill more pages.
FILE_NAMES = 10_000
FILE_LINES = 13_000


class NamesMissingError(Exception):
    """The list did not have the announced number of names."""


def pdf_files(
    document: Document, names: Iterable[Row], total_names: int, watermark: Callable[[str], str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file's name with its chunks, which must be consumed before the next file is requested.

    The first file is the letter; it also contains the names if they fit into one file. Each file is typeset by a
    separate process, so that the caller's memory stays small; the same letter, names and watermarks give the same
    bytes.

    :param total_names: the number of names, as the letter states it
    :param watermark: returns the watermark for a file name; it goes into the document's keywords and onto no page
    :raises NamesMissingError: if there are more or fewer names
    :raises PressError: if a file could not be typeset
    """
    lines = iter(names)
    part, following = _take(lines, next(lines, None))
    listed = len(part)
    _check(listed, total_names, ended=following is None)
    in_files = following is not None
    is_personal = bool(total_names) or document.is_personal
    content = _content(document, document.title, watermark(DOCUMENT), is_personal=is_personal)
    content["letter"] = document.letter_to_files if in_files else document.letter
    if part and not in_files:
        content["names"] = names_content(document.names, part)
        part = []
    yield DOCUMENT, press(content, document.made_at)
    number = 0
    while part:
        number += 1
        title = document.part_title % {"title": document.title, "number": number}
        name = f"petition-names-{number}.pdf"
        content = _content(document, title, watermark(name), is_personal=True)
        yield name, press(content | {"names": names_content(document.names, part)}, document.made_at)
        part, following = _take(lines, following)
        listed += len(part)
        _check(listed, total_names, ended=following is None)


def _take(names: Iterator[Row], name: Row | None) -> tuple[list[Row], Row | None]:
    """Return the names that go into one file, starting with this one, and the first name of the next file."""
    taken: list[Row] = []
    lines = 0
    while name is not None:
        lines += line_cost(name)
        if len(taken) == FILE_NAMES or (taken and lines > FILE_LINES):
            break
        taken.append(name)
        name = next(names, None)
    return taken, name


def _check(listed: int, total: int, *, ended: bool) -> None:
    if listed > total or (ended and listed != total):
        raise NamesMissingError(f"{listed} names, where {total} were said")


def _content(document: Document, title: str, watermark: str, *, is_personal: bool) -> Content:
    return {
        "language": document.language,
        "title": visible(title),
        "page": document.page,
        "warning": document.warning if is_personal else "",
        "watermark": watermark,
    }
