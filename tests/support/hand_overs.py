"""Hands lists over as an organiser does, and opens them as a recipient does."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.models import Delivery, Petition, Recipient, Signature
from tests.support.name_lists import content_of
from tests.support.page_reading import field_value
from tests.support.programs import require_program

HOUR = timedelta(hours=1)


def grow_older(petition: Petition, by: timedelta = HOUR) -> None:
    """Move all signatures back in time, since a hand-over never includes those of the last ten minutes."""
    Signature.objects.filter(petition=petition).update(
        first_confirmed_at=F("first_confirmed_at") - by,
        last_confirmed_at=F("last_confirmed_at") - by,
        current_since=F("current_since") - by,
    )


def checklist_path(petition: Petition) -> str:
    """Return the path of the checklist."""
    return reverse("admin:petition_hand_over", args=[petition.pk])


def delivery_path(delivery: Delivery) -> str:
    """Return the path of a hand-over's admin page."""
    return reverse("admin:signatures_delivery_change", args=[delivery.pk])


def checklist(recipient: Recipient, **values: str) -> dict[str, str]:
    """Return a filled-in checklist for everything up to a quarter of an hour ago."""
    cut_off = datetime.now(UTC) - timedelta(minutes=15)
    return {
        "recipient": str(recipient.pk),
        "cut_off": f"{cut_off:%Y-%m-%dT%H:%M}",
        "only_new": "",
        "language": "en",
        "order": "SIGNED",
        "delimiter": ",",
        "by_country": "on",
        "reason": "Committee's session",
        **values,
    }


def look(client: Client, recipient: Recipient, **values: str) -> HttpResponse:
    """Press "Show what it will hold"."""
    return _press(client, recipient, preview="1", **checklist(recipient, **values))


def _press(client: Client, to: Recipient, /, **form: str) -> HttpResponse:
    return cast("HttpResponse", client.post(checklist_path(to.petition), form))


def prepare(client: Client, recipient: Recipient, **values: str) -> Delivery:
    """View the numbers, press "Prepare", and return the hand-over."""
    form = checklist(recipient, **values)
    seen = field_value(_press(client, recipient, preview="1", **form), "seen")
    answer = _press(client, recipient, prepare="1", seen=seen or "", **form)
    assert answer.status_code == 302, answer.content.decode()
    delivery = Delivery.objects.order_by("-id")[0]
    assert answer.headers["Location"] == delivery_path(delivery)
    return delivery


def download(client: Client, delivery: Delivery, name: str) -> bytes:
    """Download one file."""
    return content_of(act(client, delivery, "file", name=name))


def package_of(client: Client, delivery: Delivery, password: str = "") -> bytes:
    """Download the ZIP."""
    return content_of(act(client, delivery, "package", password=password))


def unpacked(package: bytes) -> dict[str, bytes]:
    """Return the files of a ZIP by name, in its order; zipfile verifies each checksum."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def unpack_to(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def manifest_of(files: dict[str, bytes]) -> dict[str, Any]:
    """Return the parsed manifest."""
    return cast("dict[str, Any]", json.loads(files["manifest.json"]))


def record(client: Client, delivery: Delivery, **values: str) -> HttpResponse:
    """Record that the files reached their recipient today."""
    today = datetime.now(UTC).date().isoformat()
    form = {"handed_over_on": today, "handed_over_how": "IN_PERSON", "note": "", **values}
    return act(client, delivery, "handed_over", **form)


def hand_over(client: Client, recipient: Recipient, **values: str) -> Delivery:
    """Prepare a list, download the ZIP, record that it reached its recipient, and return the hand-over."""
    delivery = prepare(client, recipient, **values)
    package_of(client, delivery)
    assert record(client, delivery).status_code == 302
    delivery.refresh_from_db()
    return delivery


def answer(client: Client, delivery: Delivery, day: date | None = None, **values: str) -> HttpResponse:
    """Enter the recipient's reply."""
    day = day or datetime.now(UTC).date()
    form = {"answered_on": day.isoformat(), "reply_en": "We *heard* you.", "reply_ru": "Мы вас *услышали*.", **values}
    return act(client, delivery, "answered", **form)


def texts_in(name: str, content: bytes) -> Iterator[str]:
    """Yield the text of a file and of files inside it, without blanks and page headers and footers."""
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for part in parts.namelist():
                yield parts.read(part).decode(errors="replace")
    elif name.endswith(".pdf"):
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            done = subprocess.run([require_program("pdftotext"), path, "-"], check=True, capture_output=True, text=True)
            yield re.sub(r"[\s\u00ad\u2010-]+", "", done.stdout)
    yield content.decode(errors="replace")


def act(client: Client, delivery: Delivery, action: str, **values: str) -> HttpResponse:
    """Submit one of the forms on a hand-over's page."""
    return cast("HttpResponse", client.post(delivery_path(delivery), {"action": action, **values}))
