"""The command that a mail server pipes messages into, run in the same way."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from subprocess import PIPE

import pytest
from django.core.management import CommandError, call_command

from signatures.mailing import bounces
from signatures.models import BounceCount
from tests.support.bounce_messages import HOSTILE, report
from tests.support.journals import environment_of
from tests.support.server.local_site import ROOT
from tests.support.server.web_site import new_database

COUNTED, TRY_AGAIN = 0, 75
FOLDER = "file:///nowhere"


def pipe(message: bytes, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a mail server does, which treats a message that is not read completely as failed."""
    words = [sys.executable, "manage.py", "count_bounce"]
    env = {**environment_of(env.get("DATABASE_URL", os.environ["DATABASE_URL"])), "EMAIL_URL": FOLDER, **env}
    with subprocess.Popen(words, cwd=ROOT, env=env, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(message)
        process.stdin.flush()
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def test_a_message_is_counted_silently(loaded_database: str) -> None:
    with new_database(loaded_database) as (_, url):
        for message in (report("one@gmail.com"), HOSTILE["large"], HOSTILE["NUL and bytes of no encoding"]):
            done = pipe(message, DATABASE_URL=url)
            assert (done.returncode, done.stdout, done.stderr) == (COUNTED, b"", b"")
        # Without its database, the last message can't be counted.
    done = pipe(report("one@gmail.com"), DATABASE_URL=url)
    assert done.returncode == TRY_AGAIN
    assert b"gmail" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "wrong", [{"BOUNCE_URL": "nonsense"}, {"SECRET_KEY": ""}, {"DATABASE_URL": "postgres://a@127.0.0.1:1/a"}]
)
def test_the_mail_server_retries_whatever_is_wrong_with_the_site(wrong: dict[str, str]) -> None:
    begin = time.monotonic()
    done = pipe(report("one@gmail.com"), **wrong)
    assert done.returncode == TRY_AGAIN
    assert b"gmail" not in done.stdout + done.stderr
    assert time.monotonic() - begin < 30


@pytest.mark.django_db
def test_the_mail_server_retries_if_messages_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounces, "CHILD", ["/no/such/program"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(report("one@gmail.com"))))
    with pytest.raises(CommandError, match="not counted now: ReaderMissingError") as error:
        call_command("count_bounce")
    assert error.value.returncode == TRY_AGAIN
    assert not BounceCount.objects.exists()
