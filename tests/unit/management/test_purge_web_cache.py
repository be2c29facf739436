"""Purging the web cache tells nginx by a file, and says where that cannot be done."""

from __future__ import annotations

import os
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from signatures.safeguarding.web_cache import KEPT_SECONDS, hold_web_cache, release_web_cache
from signatures.worker import Worker


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    """Return the file that nginx looks for."""
    path = tmp_path / "web-cache-off"
    settings.WEB_CACHE_OFF_FILE = str(path)
    return path


def age(path: Path, seconds: float) -> None:
    """Let a file have been made so many seconds ago."""
    made = time.time() - seconds
    os.utime(path, (made, made))


def test_the_command_ends_when_all_that_was_kept_is_too_old(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def wait(seconds: float) -> None:
        assert file.exists()
        waited.append(seconds)
        age(file, KEPT_SECONDS if len(waited) > 3 else KEPT_SECONDS / 2)

    monkeypatch.setattr(time, "sleep", wait)
    out = StringIO()
    call_command("purge_web_cache", stdout=out)
    assert len(waited) == 4
    assert not file.exists()
    assert "it keeps pages again" in out.getvalue()


@pytest.mark.django_db
def test_the_worker_lets_pages_be_kept_again_after_a_purge_that_did_not_wait(file: Path) -> None:
    assert hold_web_cache()
    Worker().round()
    assert file.exists()
    age(file, KEPT_SECONDS)
    Worker().round()
    assert not file.exists()


def test_a_second_purge_begins_the_time_anew(file: Path) -> None:
    hold_web_cache()
    age(file, KEPT_SECONDS)
    hold_web_cache()
    assert not release_web_cache()


def test_a_clock_that_was_set_back_does_not_keep_the_cache_off(file: Path) -> None:
    hold_web_cache()
    age(file, -3600)
    assert release_web_cache()
    assert not file.exists()


def test_nginx_may_read_the_time_of_the_file_and_nobody_else_may_write_it(file: Path) -> None:
    hold_web_cache()
    assert file.stat().st_mode & 0o777 & ~0o644 == 0
    assert file.read_bytes() == b""


def test_without_the_setting_it_says_which_one_is_missing(settings: Settings) -> None:
    settings.WEB_CACHE_OFF_FILE = ""
    assert not hold_web_cache()
    assert release_web_cache()
    with pytest.raises(CommandError, match="Set WEB_CACHE_OFF_FILE"):
        call_command("purge_web_cache")


def test_a_folder_that_is_not_there_is_named_and_nothing_is_said_to_be_purged(
    settings: Settings, tmp_path: Path
) -> None:
    settings.WEB_CACHE_OFF_FILE = str(tmp_path / "nowhere" / "web-cache-off")
    with pytest.raises(CommandError, match="Nothing was purged"):
        call_command("purge_web_cache")
