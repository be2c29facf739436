"""Writes the letter, the petition and the names as PDF, at most 10,000 names to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.utils import translation
from django.utils.translation import gettext as _

from signatures.delivering.document_contents import Letter, ListedName, PetitionText, SignedVersion
from signatures.delivering.document_letter import letter_content
from signatures.delivering.document_names import line_cost, names_content, visible
from signatures.delivering.document_press import Content, PressError, press

__all__ = [
    "Letter",
    "ListedName",
    "NamesMissingError",
    "PetitionText",
    "PressError",
    "SignedVersion",
    "volumes",
]

DOCUMENT = "petition.pdf"
# Both bound the memory that it takes to set one file: long names fill more pages.
FILE_NAMES = 10_000
FILE_LINES = 13_000


class NamesMissingError(Exception):
    """The list held another number of names than was said."""


def volumes(
    letter: Letter, names: Iterable[ListedName], total_names: int, watermark: Callable[[str], str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file's name with its pieces, which are to be taken before the next file is asked for.

    The first file is the letter; it holds the names too, where they fit into one file. Each file is set by a process
    of its own, so that the caller's memory stays small; the same letter, names and watermarks give the same bytes.

    :param total_names: how many names there are, which the letter says
    :param watermark: returns that of a file, which stands among the key words of the document and on no page
    :raises NamesMissingError: where there are more or fewer
    :raises PressError: where a file could not be set
    """
    lines = iter(names)
    part, following = _take(lines, next(lines, None))
    listed = len(part)
    _check(listed, total_names, ended=following is None)
    in_files = following is not None
    content = _content(letter, letter.title, watermark(DOCUMENT), is_personal=bool(total_names) or letter.is_personal)
    content |= {"letter": letter_content(letter, total_names, in_files=in_files)}
    if part and not in_files:
        content["names"] = names_content(letter.language, part)
        part = []
    yield DOCUMENT, press(content, letter.made_at)
    number = 0
    while part:
        number += 1
        with translation.override(letter.language):
            title = _("%(title)s: names, part %(number)s") % {"title": letter.title, "number": number}
        name = f"petition-names-{number}.pdf"
        content = _content(letter, title, watermark(name), is_personal=True)
        yield name, press(content | {"names": names_content(letter.language, part)}, letter.made_at)
        part, following = _take(lines, following)
        listed += len(part)
        _check(listed, total_names, ended=following is None)


def _take(names: Iterator[ListedName], name: ListedName | None) -> tuple[list[ListedName], ListedName | None]:
    """Return the names of one file, beginning with this one, and the first name of the next file."""
    taken: list[ListedName] = []
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


def _content(letter: Letter, title: str, watermark: str, *, is_personal: bool) -> Content:
    with translation.override(letter.language):
        page = _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"}
        warning = _("Personal data, not for publication") if is_personal else ""
    return {
        "language": letter.language,
        "title": visible(title),
        "page": page,
        "warning": warning,
        "watermark": watermark,
    }
