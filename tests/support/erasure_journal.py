"""A journal of one test, and what lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_django import Settings

from signatures.journaling import copy_own
from signatures.journaling.entries import NOTHING, Entry
from signatures.journaling.files import JOURNAL, Journal, read_journal
from signatures.models import Erasure
from signatures.safeguarding.keys import email_keys
from signatures.tokens import MySignature, my_signature_token


def start_journal(folder: Path) -> None:
    """Let this process write its journal into another folder from now on."""
    JOURNAL.__dict__.update(Journal().__dict__)
    folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def own_journal(settings: Settings, folder: Path) -> Iterator[Path]:
    """Let a test with a database have a journal of its own, in a folder within another, and yield it."""
    # What tests that commit have left: the newest row stays.
    Erasure.objects.all().delete()
    settings.ERASURE_JOURNAL = folder / "journal"
    start_journal(settings.ERASURE_JOURNAL)
    yield settings.ERASURE_JOURNAL
    start_journal(folder / "over")


def my_signature_path(petition_id: int, address: str) -> str:
    """Return the way to one's own signature, as it stands in a mail."""
    subject = MySignature(petition_id, email_keys(petition_id, address))
    return f"/en/my-signature/{my_signature_token(subject)}/"


def entries_in(folder: Path) -> list[Entry]:
    """Return what lies in a journal, without what is there for the time that it takes."""
    return [entry for entry in read_journal([folder]).entries if entry.about != NOTHING]


def noted(folder: Path) -> list[Entry]:
    """Return what lies in a journal once this connection has copied what it noted, as a form does at its end."""
    copy_own()
    return entries_in(folder)
