"""Writes the settings of a new server: every secret freshly made, and what only its operator knows.

It is run by ``manage.py make_secrets``, before there are any settings.
"""

from __future__ import annotations

import argparse
import grp
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import environ

from petition_site.env import Reader
from petition_site.mail_server import read_sender
from petition_site.new_secrets import MAKERS, line, read_settings_file, secret, write_settings_file
from petition_site.operator_settings import operator_problems, recipient_problems

# The system's account of the site and the group of its web server must both read it, and nobody change it.
MODE = 0o640
HEADER = """\
# The settings of the site, one a line; docs/operations.md explains each. systemd and the command `petition` read them
# after `systemctl restart`: NAME=value, with single quotes where a value holds blanks or signs.
#
# Whoever has this file can read what the database keeps encrypted; without it nobody can. Keep a copy of it where no
# backup of the database lies.
"""
ADDED = "\n# Added later, since they were missing:\n"
BEFORE = {
    "SITE_ORIGIN": "Where visitors find the site: https:// and its name.",
    "MAIL_SENDER": "The address that mails come from.",
    "EMAIL_URL": "The mail server: smtp+tls://user:password@mail.example.org:587; signs in the password as %40 for @.",
    "OPERATOR_EMAIL": "Who is told when something is wrong.",
    "OPERATOR_PING_URL": "An address that is asked as long as all is well, of a service that alarms when it is not.",
    "BACKUP_RECIPIENT": "The age key that backups are encrypted to: age1...; its other half never comes here.",
    "DATABASE_URL": "PostgreSQL over its socket, where the system's accounts are the passwords. The first role serves,"
    " the second owns.",
    "ERASURE_JOURNAL": "What was erased since a backup is kept here, to be erased again after it is restored.",
    "BACKUP_FOLDER": "Where backups lie.",
    "BIND": "nginx is before the site, on the same machine.",
    "SECRET_KEY": "The secrets, one for each purpose; docs/operations.md says how to change each.",
    "METRICS_TOKEN": "Opens the details of /-/ready, and the metrics.",
}
# What stands in every file; the layout is that of deploy/install.md.
FIXED = {
    "DATABASE_URL": "postgres://petition@/petition",
    "DATABASE_OWNER_URL": "postgres://petition_owner@/petition",
    "ERASURE_JOURNAL": "/var/lib/petition/journal",
    "BACKUP_FOLDER": "/var/lib/petition/backups",
    "BIND": "unix:/run/petition/web.sock",
    "TRUSTED_PROXIES": "1",
    "WEB_CACHE_OFF_FILE": "/run/petition/web-cache-off",
}
# Names of options, and which settings they give. The first three are needed for a start.
OPTIONS = {
    "origin": "SITE_ORIGIN",
    "sender": "MAIL_SENDER",
    "relay": "EMAIL_URL",
    "operator": "OPERATOR_EMAIL",
    "ping": "OPERATOR_PING_URL",
    "backup-recipient": "BACKUP_RECIPIENT",
}
REQUIRED = {"origin", "sender", "relay"}


def main(words: Sequence[str]) -> int:
    """Write the settings to standard output or to a file, and return the exit code."""
    options = _parser().parse_args(words)
    named = {name: getattr(options, option.replace("-", "_")) for option, name in OPTIONS.items()}
    given = {name: (value or "").strip() for name, value in named.items()}
    try:
        _stop_on_mistakes({name: given[name] for name, value in named.items() if value is not None})
        if options.output is None:
            sys.stdout.write("".join(_whole_file(given)))
        else:
            group = grp.getgrnam(options.group).gr_gid if options.group else -1
            sys.stdout.write(complete(options.output, given, group))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyError:
        sys.stderr.write(f"error: There is no group {options.group} yet: deploy/install.md makes it.\n")
        return 1
    return 0


def _stop_on_mistakes(named: dict[str, str]) -> None:
    """Look at what was named as a start would, which comes too late: what is written here stays.

    :raises ValueError: with a sentence for each thing that cannot be meant
    """
    for name, value in named.items():
        line(name, value)
    empty = [f"{name} was given without a value: is a variable of step 1 not set?" for name in named if not named[name]]
    env = environ.FileAwareEnv()
    env.ENVIRON = {name: value for name, value in named.items() if value}
    read = Reader(env, empty)
    checks: dict[str, Callable[[], object]] = {
        "SITE_ORIGIN": lambda: read.origin("SITE_ORIGIN"),
        "EMAIL_URL": lambda: read.mail_url("EMAIL_URL"),
        "MAIL_SENDER": lambda: read_sender(read),
    }
    for name, check in checks.items():
        if name in env.ENVIRON:
            check()
    read.problems += recipient_problems(named.get("BACKUP_RECIPIENT", ""))
    read.problems += operator_problems(named.get("OPERATOR_EMAIL", ""), named.get("OPERATOR_PING_URL", ""))
    if read.problems:
        raise ValueError(" ".join(read.problems))


def complete(path: Path, given: dict[str, str], group: int) -> str:
    """Write a file, or add to one what it lacks and leave everything else as it stands.

    :param given: settings that the operator named; empty ones are left to be filled in
    :param group: number of the group that may read it
    :return: what was done, in a sentence without secrets
    :raises OSError: if the file cannot be read or written
    :raises ValueError: if a value cannot stand in such a file
    """
    if not path.exists():
        write_settings_file(path, "".join(_whole_file(given)), MODE, group)
        return f"{path} was written.\n"
    known = read_settings_file(path)
    if group == -1:
        # Whoever may read it now still may.
        group = path.stat().st_gid
    wanted = {name: value for name, value in given.items() if value} | FIXED
    missing = {name for name in {*wanted, *MAKERS} if not known.get(name) and not known.get(f"{name}_FILE")}
    added = {name: value for name, value in wanted.items() if name in missing}
    added |= {name: make() for name, make in MAKERS.items() if name in missing}
    if not added:
        return f"{path} has everything already, and stays as it is.\n"
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n" + ADDED
    write_settings_file(path, text + "".join(line(name, value) for name, value in added.items()), MODE, group)
    return f"{path} had settings already, which stay; added: {', '.join(added)}. Keep a new copy of it.\n"


def _whole_file(given: dict[str, str]) -> Iterator[str]:
    """Yield a new file, part by part; what the operator has still to fill in stands there with a comment."""
    made = {name: make() for name, make in MAKERS.items()}
    yield HEADER
    for name, value in {**given, **FIXED, **made, "METRICS_TOKEN": secret()}.items():
        if name in BEFORE:
            yield f"\n# {BEFORE[name]}\n"
        is_left_out = not value and name not in {OPTIONS[option] for option in REQUIRED}
        yield f"#{name}=\n" if is_left_out else line(name, value)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py make_secrets", description=__doc__, allow_abbrev=False)
    for option, name in OPTIONS.items():
        # An account's password among the words of a command would be read by everybody on the machine.
        default = os.environ.get("RELAY") if option == "relay" else None
        parser.add_argument(f"--{option}", default=default, metavar=name, help=BEFORE[name].replace("%", "%%"))
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write a file that its group can read; one that exists keeps all its settings, and gets those it lacks",
    )
    parser.add_argument("--group", default="", help="the group that may read the file, such as petition")
    return parser
