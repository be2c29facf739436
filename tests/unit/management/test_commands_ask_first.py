"""While a database must not serve, its commands say so and do nothing, but for those that are needed then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands, load_command_class

from signatures.management.commands import migrate
from signatures.management.site_command import NEEDED_MEANWHILE, SiteCommand
from signatures.models import Erasure, Petition, Serving
from tests.support import factories
from tests.support.erasure_journal import noted
from tests.support.serving_role import in_own_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("journal")]
OURS = sorted(name for name, app in get_commands().items() if app in {"signatures", "petition_site"})
REFUSED = [*(name for name in OURS if name not in NEEDED_MEANWHILE), "work --once"]


def command(name: str) -> SiteCommand:
    """Return a command, as the command line finds it."""
    loaded = load_command_class(get_commands()[name], name)
    assert isinstance(loaded, SiteCommand)
    return loaded


def test_every_command_of_the_site_asks_or_is_needed() -> None:
    assert set(OURS) >= NEEDED_MEANWHILE.keys()
    assert isinstance(load_command_class(get_commands()["migrate"], "migrate"), migrate.Command)
    others = [name for name in OURS if name != "migrate"]
    needed = {name for name in others if command(name).is_needed_meanwhile([])}
    assert needed == NEEDED_MEANWHILE.keys() - {"migrate"}


@pytest.mark.parametrize("words", REFUSED)
@pytest.mark.parametrize("state", ["waiting", "behind"])
def test_a_command_does_nothing_on_a_database_that_must_not_serve(
    petition: Petition, journal: Path, words: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if state == "behind":
        factories.make_signature(petition).delete()
        noted(journal)
        Erasure.objects.all().delete()
    else:
        with in_own_role():
            Serving.objects.all().delete()
    name, *options = words.split()
    with pytest.raises(SystemExit) as ended:
        command(name).run_from_argv(["manage.py", name, *options])
    # A mail server tries again what ends with this.
    assert ended.value.code == (os.EX_TEMPFAIL if name == "count_bounce" else 1)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"{name}: ")
    assert "restore --in-place" in told.err


def test_what_a_restore_calls_is_not_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    with in_own_role():
        Serving.objects.all().delete()
    call_command("fold_tally")
    assert "restore" not in capsys.readouterr().err


# Commands close their connection at the end.
@pytest.mark.django_db(transaction=True)
def test_on_a_database_that_serves_commands_run(petition: Petition, capsys: pytest.CaptureFixture[str]) -> None:
    Serving.objects.get_or_create(pk=1)
    command("fold_tally").run_from_argv(["manage.py", "fold_tally"])
    command("work").run_from_argv(["manage.py", "work", "--once"])
    assert "mails handled: 0" in capsys.readouterr().out
