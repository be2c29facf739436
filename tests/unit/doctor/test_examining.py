"""No check stops the others, none takes for ever, and none says what must not be said."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from signatures.doctor.checks import CHECKS, Named
from signatures.doctor.examining import examine, is_well
from signatures.doctor.findings import Finding, Level, Options, fine, rows, warn, wrong
from signatures.management.commands import doctor
from tests.support.server.local_site import ROOT

SECRET = "Zyzzyva-7QK2"


def right(options: Options) -> Iterator[Finding]:
    """Find nothing."""
    yield fine("All is well.")


def amiss(options: Options) -> Iterator[Finding]:
    """Find something that may wait."""
    yield warn("It is late.", "Hurry.")


def broken(options: Options) -> Iterator[Finding]:
    """Find something, then stumble."""
    yield wrong("It is broken.", "Mend it.")
    raise ValueError(SECRET)


def without_network(options: Options) -> Iterator[Finding]:
    """Reach nobody."""
    yield fine("So far.")
    raise ConnectionRefusedError(SECRET)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Named]]:
    """Return the list of checks that the command runs, to be filled."""
    some: list[Named] = []
    monkeypatch.setattr(doctor, "CHECKS", some)
    yield some
    connection.close()


def told(*words: str) -> tuple[str, bool]:
    """Return what the command prints, and whether it ends well."""
    out = io.StringIO()
    try:
        call_command("doctor", *words, stdout=out)
    except CommandError:
        return out.getvalue(), False
    return out.getvalue(), True


def test_a_check_that_stumbles_keeps_what_it_found_and_its_message_for_itself() -> None:
    found = examine(broken, Options())
    assert [finding.level for finding in found] == [Level.WRONG, Level.WRONG]
    assert "ValueError" in found[1].what
    assert SECRET not in str(found)
    (so_far, refused) = examine(without_network, Options())
    assert (so_far.level, refused.what) == (
        Level.OK,
        "Something that this check needs did not answer (ConnectionRefusedError).",
    )


def test_a_check_that_takes_too_long_is_given_up() -> None:
    done = threading.Event()

    def endless(options: Options) -> Iterator[Finding]:
        yield fine("It begins.")
        done.wait(20)

    found = examine(endless, Options(), seconds=0.2)
    done.set()
    assert [finding.level for finding in found] == [Level.OK, Level.WARN]
    assert "was given up" in found[1].what


@pytest.mark.django_db(transaction=True)
def test_a_database_that_refuses_is_told_of_by_kind() -> None:
    def ask(options: Options) -> Iterator[Finding]:
        yield fine(str(rows("SELECT %s::int", [SECRET])))

    (found,) = examine(ask, Options())
    assert found.what == "The database did not answer (InvalidTextRepresentation)."


def test_the_command_runs_every_check_and_ends_with_one_where_something_is_wrong(run: list[Named]) -> None:
    run += [Named("amiss", amiss), Named("broken", broken), Named("right", right)]
    text, is_right = told()
    assert not is_right
    assert text.splitlines() == [
        "amiss",
        "  WARN  It is late.",
        "        → Hurry.",
        "broken",
        "  WRONG It is broken.",
        "        → Mend it.",
        "  WRONG This check failed by itself (ValueError).",
        "        → That is a fault of the doctor: please report it with the version of the site.",
        "right",
        "  OK    All is well.",
    ]


def test_what_may_wait_ends_well_and_checks_can_be_chosen(run: list[Named]) -> None:
    run += [Named("amiss", amiss), Named("broken", broken), Named("away", without_network, needs_network=True)]
    assert told("--only", "amiss")[1]
    assert "away" in told("--only", "away")[0]
    assert "away" not in told("--no-network")[0]
    assert not told("--no-network")[1]


def test_every_check_has_a_name_of_its_own_and_stands_in_the_document() -> None:
    names = [one.name for one in CHECKS]
    assert len(set(names)) == len(names)
    document = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z][a-z-]*)` \| ", document, re.MULTILINE) == names
    assert not is_well([wrong("", "")])
