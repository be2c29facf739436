"""Reads lists from elsewhere at the desk, and lets the worker enter them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from signatures.collecting.list_entering import enter_lists
from signatures.collecting.lists import park_list
from signatures.collecting.outside_rows import read_list
from signatures.models import OutsideList, Petition
from signatures.safeguarding.keys import file_key
from tests.support import factories

HEADINGS = ("Name", "E-mail", "Country", "Date")
Rows = Sequence[Sequence[object]]


def people(amount: int, *, start: int = 0) -> list[list[object]]:
    """Return rows of people with names, addresses, countries and days."""
    return [[f"Signer {n}", f"signer-{n}@example.org", "Poland", "2025-03-04"] for n in range(start, start + amount)]


def csv_of(rows: Rows, *, headings: Sequence[str] = HEADINGS, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Return a table as CSV."""
    return "".join(f"{delimiter.join(map(str, row))}\r\n" for row in (headings, *rows)).encode(encoding)


def workbook_of(rows: Rows, *, headings: Sequence[str] = HEADINGS) -> bytes:
    """Return a table as XLSX."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (headings, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_list(petition: Petition) -> OutsideList:
    """Park a list of ten people, read by somebody."""
    content = csv_of(people(10))
    reading = read_list(
        content, petition_id=petition.pk, today=date(2026, 1, 1), chosen={}, country="", month_first=False
    )
    return park_list(
        version=factories.newest_version(petition),
        language="en",
        label="openPetition",
        file_key=file_key(petition.pk, content),
        reading=reading,
        actor=factories.make_organiser("Organisers"),
    )


def lists_path(petition: Petition) -> str:
    """Return the path of the page of a petition's lists."""
    return reverse("admin:petition_outside", args=[petition.pk])


def list_path(one: OutsideList) -> str:
    """Return the path of a list's page."""
    return reverse("admin:petition_outside_list", args=[one.petition_id, one.pk])


def rows_path(one: OutsideList) -> str:
    """Return the path of the file that tells what becomes of each row."""
    return reverse("admin:petition_outside_rows", args=[one.petition_id, one.pk])


def send(client: Client, petition: Petition, content: bytes, **values: str) -> HttpResponse:
    """Send a file, and return the answer."""
    form = {"label": "openPetition", "version": str(factories.newest_version(petition).pk), "language": "en"}
    file = SimpleUploadedFile("list.csv", content)
    return cast("HttpResponse", client.post(lists_path(petition), {**form, **values, "file": file}))


def read_in(client: Client, petition: Petition, content: bytes, **values: str) -> OutsideList:
    """Send a file that is taken, and return the list."""
    answer = send(client, petition, content, **values)
    assert answer.status_code == 302, answer.content.decode()
    return OutsideList.objects.latest("pk")


def press(client: Client, one: OutsideList, action: str) -> HttpResponse:
    """Press a button of a list's page, and return the page that follows."""
    return cast("HttpResponse", client.post(list_path(one), {"action": action}, follow=True))


def enter(clients: Iterable[Client], petition: Petition, content: bytes, **values: str) -> OutsideList:
    """Let one organiser read a file, another one let it in, and the worker enter it."""
    reader, other = clients
    one = read_in(reader, petition, content, **values)
    press(other, one, "start")
    enter_lists()
    one.refresh_from_db()
    return one
