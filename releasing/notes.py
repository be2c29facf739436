"""Cuts what CHANGELOG.md says of one version."""

from __future__ import annotations

import re

HEADING = re.compile(r"^## \[(?P<version>[0-9]+\.[0-9]+\.[0-9]+)\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$", re.MULTILINE)
UPGRADING = re.compile(r"^### Upgrading from \S", re.MULTILINE)


class UnreadyError(Exception):
    """The tree is not what a release can be made of; the message says what to do."""


def notes_of(changelog: str, version: str) -> str:
    """Return the section of a version, headed by its name.

    :raises UnreadyError: if the version is not the newest there, or does not say how to come from the one before
    """
    headings = list(HEADING.finditer(changelog))
    if not headings or headings[0]["version"] != version:
        message = f"The newest heading of CHANGELOG.md must be ## [{version}] - and the day."
        raise UnreadyError(message)
    is_first = len(headings) == 1
    text = changelog[headings[0].end() : None if is_first else headings[1].start()].strip()
    if not is_first and not UPGRADING.search(text):
        before = headings[1]["version"]
        message = f"CHANGELOG.md needs ### Upgrading from {before} under {version}, even if nothing is to be done."
        raise UnreadyError(message)
    return f"# {version}\n\n{text}\n"
