"""The command ``petition`` gives every management command its account, its folder and its settings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "deploy" / "bin" / "petition"
# In place of Python: says with what it was started.
# Python to the shell, a text to Python: the path of the real one may have blanks, which no first line may.
PYTHON = f"""#!/bin/sh
"exec" "{sys.executable}" "$0" "$@"
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]))
"""
# In place of setpriv: goes on as it is, and says whom it was to become.
SETPRIV = """#!/bin/sh
for word; do case $word in --reuid=*) export BECAME="${word#*=}" ;; -*) ;; *) break ;; esac; shift; done
exec "$@"
"""


class Server:
    """A server with the settings of a test."""

    def __init__(self, folder: Path, settings: str) -> None:
        self.home = folder / "release"
        self.programs = folder / "bin"
        self.settings = folder / "petition.env"
        self.settings.write_text(settings, encoding="utf-8")
        self.write(self.home / ".venv/bin/python", PYTHON)
        self.write(self.programs / "setpriv", SETPRIV)
        self.log_in("root", 0)

    def write(self, path: Path, text: str) -> None:
        """Write a program."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def log_in(self, name: str, number: int) -> None:
        """Let the commands that follow be an account's."""
        self.write(self.programs / "id", f'#!/bin/sh\n[ "$1" = -un ] && echo {name} || echo {number}\n')

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command."""
        env = {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "PETITION_HOME": str(self.home),
            "PETITION_SETTINGS": str(self.settings),
        }
        return subprocess.run([str(COMMAND), *words], env=env, capture_output=True, text=True, check=False)

    def started(self, *words: str) -> tuple[list[str], str, dict[str, str]]:
        """Run the command, and return the words, the folder and the environment that Python was started with."""
        result = self.run(*words)
        assert result.returncode == 0, result.stderr
        found: tuple[list[str], str, dict[str, str]] = tuple(json.loads(result.stdout))
        return found


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("A=two words", "two words"),
        ("A='two words'", "two words"),
        ('A="two words"', "two words"),
        ("A='$HOME `id` \\ & ; # | *'", "$HOME `id` \\ & ; # | *"),
        ("A=a=b", "a=b"),
        ("A='", "'"),
        ("A=", ""),
    ],
)
def test_a_setting_is_what_stands_there_and_nothing_is_run(tmp_path: Path, line: str, value: str) -> None:
    server = Server(
        tmp_path, f"# A=comment\n;A=comment\n\nno setting\n1A=x\nB-C=x\n{line}\nLAST=is read without a line's end"
    )
    environment = server.started("check")[2]
    assert environment["A"] == value
    assert environment["LAST"] == "is read without a line's end"
    assert {"1A", "B-C", "no setting"}.isdisjoint(environment)


def test_words_arrive_as_they_are_and_files_are_found_from_where_one_stands(tmp_path: Path) -> None:
    server = Server(tmp_path, "")
    words, folder, environment = server.started("purge", "a slug", "--reason", "it's *over*")
    assert words == [str(server.home / "manage.py"), "purge", "a slug", "--reason", "it's *over*"]
    assert folder == str(Path.cwd())
    assert environment["BECAME"] == "petition"


@pytest.mark.parametrize("name", ["migrate", "ensure_database_rights", "rewrite_tables", "collectstatic"])
def test_what_changes_tables_or_files_is_for_their_owner(tmp_path: Path, name: str) -> None:
    server = Server(tmp_path, "")
    assert server.started(name)[2]["BECAME"] == "petition-owner"
    server.log_in("petition-owner", 995)
    assert "BECAME" not in server.started(name)[2]
    server.log_in("petition", 996)
    result = server.run(name)
    assert (result.returncode, result.stderr) == (
        1,
        f"petition: this is for root or petition-owner: sudo petition {name}\n",
    )


def test_a_new_release_is_prepared_in_three_steps(tmp_path: Path) -> None:
    result = Server(tmp_path, "").run("prepare")
    started = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(words[1:], environment["BECAME"]) for words, _, environment in started] == [
        (["migrate"], "petition-owner"),
        (["collectstatic", "--noinput"], "petition-owner"),
        (["ensure_roles"], "petition"),
    ]


def test_a_bounce_is_kept_by_the_mail_server_while_something_is_wrong(tmp_path: Path) -> None:
    server = Server(tmp_path, "")
    server.settings.unlink()
    assert server.run("count_bounce").returncode == 75
    assert server.run("check").returncode == 1


def test_secrets_are_made_before_there_are_settings(tmp_path: Path) -> None:
    server = Server(tmp_path, "")
    server.settings.unlink()
    words, _, environment = server.started("make_secrets", "--output", "x")
    assert words == [str(server.home / "manage.py"), "make_secrets", "--output", "x"]
    assert "BECAME" not in environment
