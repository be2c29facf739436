"""The notes of a release are its part of the changelog, and say how to come from the release before."""

from __future__ import annotations

import tomllib

import pytest

from petition_site.version import VERSION
from releasing.notes import UnreadyError, notes_of
from tests.support.production import ROOT

CHANGELOG = """# Changelog

## [1.1.0] - 2027-01-31

### For signers

- Something new.

### Upgrading from 1.0.0

Nothing but the usual steps.

## [1.0.0] - 2026-12-01

The first version.
"""


def test_the_notes_hold_one_version_and_no_other() -> None:
    notes = notes_of(CHANGELOG, "1.1.0")
    assert notes.startswith("# 1.1.0\n\n### For signers\n")
    assert notes.endswith("\nNothing but the usual steps.\n")
    assert "first version" not in notes


def test_the_first_version_of_all_has_nothing_to_come_from() -> None:
    assert notes_of(CHANGELOG[CHANGELOG.index("## [1.0.0]") :], "1.0.0") == "# 1.0.0\n\nThe first version.\n"


@pytest.mark.parametrize("heading", ["", "### Upgrading\n", "### Upgrading from \n"])
def test_a_version_that_does_not_say_how_to_upgrade_is_not_released(heading: str) -> None:
    with pytest.raises(UnreadyError, match=r"### Upgrading from 1\.0\.0 under 1\.1\.0"):
        notes_of(CHANGELOG.replace("### Upgrading from 1.0.0\n", heading), "1.1.0")


@pytest.mark.parametrize("version", ["1.0.0", "1.2.0"])
def test_a_version_that_is_not_the_newest_there_is_not_released(version: str) -> None:
    with pytest.raises(UnreadyError, match="newest heading"):
        notes_of(CHANGELOG, version)


def test_the_version_is_the_same_wherever_it_stands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
    assert f"## [{VERSION}] - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
