"""The command that exports a list, as the admin's form does."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from signatures.models import Petition
from signatures.models.choices import AuditAction
from tests.support.name_lists import (
    add_signatures,
    content_of,
    names_in,
    order_list,
    recipient_of,
    recorded_exports,
    rows_in,
    unmarked,
)

LogIn = Callable[[str], Client]
COMMITTED = pytest.mark.django_db(transaction=True)


def export(petition: Petition, name: str = "Parliament", **options: Any) -> str:
    """Run the command for a recipient and return its messages."""
    said = io.StringIO()
    options = {"recipient": recipient_of(petition, name).pk, "reason": "Hand-over", **options}
    call_command("export_signatures", petition.slug, stderr=said, no_color=True, **options)
    return said.getvalue()


@COMMITTED
def test_the_command_writes_the_same_file_as_the_admin(
    petition: Petition, organiser_client: LogIn, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    add_signatures(petition, ["=1", None, "Аня"])
    client = organiser_client("Organisers")
    said = export(petition, language="ru", delimiter="semicolon", reason=" Hand-over ")
    written = capfdbinary.readouterr().out
    assert said.strip() == "3 confirmed = 2 with names + 1 without"
    first, last = recorded_exports()
    desk = content_of(order_list(client, recipient_of(petition, "Parliament"), language="ru", delimiter=";"))
    assert unmarked(written) == unmarked(desk)
    assert written != desk
    assert [row[1] for row in rows_in(written, ";")[1:]] == ["'=1", "Аня"]
    assert (first.actor, first.action, first.reason) == (None, AuditAction.EXPORT_STARTED, "Hand-over")
    assert (last.actor, last.action, last.amount) == (None, AuditAction.EXPORT_FINISHED, 2)
    assert last.details == {"bytes": len(written), "sha256": hashlib.sha256(written).hexdigest()}


@COMMITTED
def test_a_file_is_readable_by_its_owner_alone(petition: Petition, tmp_path: Path) -> None:
    add_signatures(petition, ["One"])
    mask = os.umask(0)
    try:
        export(petition, output=tmp_path / "list.csv")
    finally:
        os.umask(mask)
    assert names_in((tmp_path / "list.csv").read_bytes()) == ["One"]
    assert stat.S_IMODE((tmp_path / "list.csv").stat().st_mode) == 0o600


def test_a_dry_run_says_how_many_and_records_nothing(
    petition: Petition, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    add_signatures(petition, ["One", None])
    assert "2 confirmed = 1 with names + 1 without" in export(petition, dry_run=True, output=tmp_path / "list.csv")
    assert capfdbinary.readouterr().out == b""
    assert list(tmp_path.iterdir()) == []
    assert recorded_exports() == []


def test_a_file_that_exists_is_refused_before_anything_is_recorded(petition: Petition, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("earlier")
    with pytest.raises(CommandError, match=r"list\.csv exists already; nothing was written\."):
        export(petition, output=file)
    assert file.read_text() == "earlier"
    assert recorded_exports() == []


def test_an_unwritable_path_is_reported_in_a_sentence(petition: Petition, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"list\.csv cannot be written: No such file or directory\."):
        export(petition, output=tmp_path / "nowhere" / "list.csv")
    assert recorded_exports() == []


@COMMITTED
def test_an_incomplete_list_is_deleted(petition: Petition, tmp_path: Path) -> None:
    add_signatures(petition, ["Signer"] * 1000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            export(petition, output=tmp_path / "list.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
    assert [entry.action for entry in recorded_exports()][1:] == [AuditAction.EXPORT_ABORTED]


def test_a_recipient_of_totals_is_refused(petition: Petition, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="This recipient is given totals only"):
        export(petition, "Government", output=tmp_path / "list.csv")
    assert list(tmp_path.iterdir()) == []
    assert recorded_exports() == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"recipient": 0}, r"Recipients of this petition: \d+ Parliament \(NAMES\); \d+ Government \(TOTALS\)"),
        ({"reason": "  "}, "Say why"),
        ({"reason": "x" * 201}, "at most 200 characters"),
    ],
)
def test_missing_or_wrong_options_are_reported(petition: Petition, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        export(petition, **options)
    assert recorded_exports() == []


def test_an_unknown_petition_is_reported(db: None) -> None:
    with pytest.raises(CommandError, match="No such petition: nowhere"):
        call_command("export_signatures", "nowhere", recipient=1, reason="x")
