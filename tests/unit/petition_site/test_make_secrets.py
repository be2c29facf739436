"""One command writes the settings of a new server, and adds to those of an old one what it lacks."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from petition_site.make_secrets import FIXED, OPTIONS
from petition_site.new_secrets import MAKERS, line, read_settings_file
from tests.support.production import PRODUCTION, manage

GIVEN = {
    "--origin": "https://petition.example.org",
    "--sender": "no-reply@petition.example.org",
    "--relay": "smtp+tls://anna:s$ecret&more%40@mail.example.org:587",
    "--operator": "anna@example.org",
}
WORDS = [word for pair in GIVEN.items() for word in pair]


def written(path: Path, *words: str) -> dict[str, str]:
    """Run the command without any setting, and return the settings in the file."""
    result = manage({}, "make_secrets", *words, "--output", str(path))
    assert (result.returncode, result.stderr) == (0, "")
    assert not any(value in result.stdout for value in read_settings_file(path).values() if len(value) > 30)
    return read_settings_file(path)


def test_the_site_starts_with_what_is_written_as_it_stands(tmp_path: Path) -> None:
    settings = written(tmp_path / "petition.env", *WORDS)
    result = manage(settings | {"ERASURE_JOURNAL": str(tmp_path / "journal")}, "check")
    assert result.returncode == 0, result.stderr


def test_whatever_a_start_needs_is_written() -> None:
    assert set(PRODUCTION) <= {*MAKERS, *FIXED, *OPTIONS.values()}


def test_without_options_a_start_says_what_is_to_be_filled_in() -> None:
    printed = manage({}, "make_secrets").stdout
    settings = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line and not line.startswith("#"))
    result = manage(settings, "check")
    sentences = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert sorted(line.split()[1] for line in sentences) == ["EMAIL_URL", "MAIL_SENDER", "SITE_ORIGIN"]
    assert all("is not set: " in line for line in sentences)


def test_every_secret_is_another_one_each_time(tmp_path: Path) -> None:
    first, second = (written(tmp_path / name) for name in ("a", "b"))
    made = [settings[name] for settings in (first, second) for name in (*MAKERS, "METRICS_TOKEN")]
    assert len(set(made)) == len(made)


def test_the_shell_reads_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "petition.env"
    settings = written(path, *WORDS)
    script = f"set -a; . {shlex.quote(str(path))}; exec env --null"
    result = subprocess.run(["/bin/sh", "-c", script], env={}, capture_output=True, text=True, check=True)
    seen = dict(pair.split("=", 1) for pair in result.stdout.split("\0") if pair)
    assert {name: seen[name] for name in settings} == settings
    assert seen["EMAIL_URL"] == GIVEN["--relay"]


def test_only_owner_and_group_can_read_the_file(tmp_path: Path) -> None:
    written(tmp_path / "petition.env")
    assert stat.S_IMODE((tmp_path / "petition.env").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["petition.env"]


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "petition.env"
    written(path, *WORDS)
    before = path.read_bytes()
    written(path, "--origin", "https://another.example.org")
    assert path.read_bytes() == before


@pytest.mark.parametrize("kept_elsewhere", [False, True])
def test_a_secret_that_is_missing_is_added_and_all_others_stay(tmp_path: Path, *, kept_elsewhere: bool) -> None:
    path = tmp_path / "petition.env"
    before = written(path, *WORDS)
    text = path.read_text(encoding="utf-8").replace(f"CODE_SECRETS={before['CODE_SECRETS']}\n", "SITE_NAME='A & B'\n")
    path.write_text(text + ("CODE_SECRETS_FILE=/secret" if kept_elsewhere else ""), encoding="utf-8")
    after = written(path)
    assert ("CODE_SECRETS" in after) is not kept_elsewhere
    assert after.get("CODE_SECRETS") != before["CODE_SECRETS"]
    assert {**after, "CODE_SECRETS": ""}.items() >= {**before, "SITE_NAME": "A & B", "CODE_SECRETS": ""}.items()


@pytest.mark.parametrize("value", ["smtp://anna:it's@mail.example.org", "smtp://anna:a\nb@mail.example.org"])
def test_a_value_that_programs_would_read_differently_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "petition.env"
    result = manage({}, "make_secrets", "--relay", value, "--output", str(path))
    assert result.returncode == 1
    assert result.stderr.startswith("error: The value of EMAIL_URL ")
    assert not path.exists()


def test_an_unknown_group_is_named(tmp_path: Path) -> None:
    result = manage({}, "make_secrets", "--group", "nobody-here", "--output", str(tmp_path / "petition.env"))
    assert (result.returncode, "nobody-here" in result.stderr) == (1, True)
    assert "Traceback" not in result.stderr


def test_values_without_signs_stand_without_quotes() -> None:
    assert line("A", "x-1_2.3:4/5@6%40=") == "A=x-1_2.3:4/5@6%40=\n"
    assert line("A", "x y") == "A='x y'\n"


def test_whoever_may_read_a_file_may_still_when_something_is_added(tmp_path: Path) -> None:
    path = tmp_path / "petition.env"
    before = written(path)
    group = os.getgid() if os.geteuid() else 12345
    os.chown(path, -1, group)
    path.write_text(path.read_text(encoding="utf-8").replace(f"CODE_SECRETS={before['CODE_SECRETS']}\n", ""))
    assert "CODE_SECRETS" in written(path)
    assert path.stat().st_gid == group


def test_an_account_at_the_mail_server_need_not_stand_in_the_words_of_a_command(tmp_path: Path) -> None:
    path = tmp_path / "petition.env"
    assert manage({"RELAY": GIVEN["--relay"]}, "make_secrets", "--output", str(path)).returncode == 0
    assert read_settings_file(path)["EMAIL_URL"] == GIVEN["--relay"]


@pytest.mark.parametrize(
    ("option", "value", "beginning"),
    [
        ("--origin", "https://", "SITE_ORIGIN must look like"),
        ("--origin", "", "SITE_ORIGIN was given without a value"),
        ("--sender", "no-reply@", "MAIL_SENDER must be an address"),
        ("--relay", "", "EMAIL_URL was given without a value"),
        ("--relay", "smtp+tls://anna@example.org:word@mail.example.org:587", "EMAIL_URL holds two @"),
        ("--operator", "", "OPERATOR_EMAIL was given without a value"),
        ("--backup-recipient", "age1…", "BACKUP_RECIPIENT must be the public half"),
    ],
)
def test_what_was_forgotten_or_mistyped_is_told_before_anything_is_written(
    tmp_path: Path, option: str, value: str, beginning: str
) -> None:
    path = tmp_path / "petition.env"
    words = [word for pair in {**GIVEN, option: value}.items() for word in pair]
    result = manage({}, "make_secrets", *words, "--output", str(path))
    assert (result.returncode, path.exists()) == (1, False)
    assert result.stderr.startswith(f"error: {beginning}")
