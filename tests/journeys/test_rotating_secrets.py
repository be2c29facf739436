"""After a break-in all secrets are made anew: what leaked opens nothing, and who signed is neither lost nor doubled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from petition_site.env import Reader
from signatures.doctor.findings import Level, Options
from signatures.doctor.secrets import WITH_PASSWORDS, check_secrets
from signatures.models import AccessLink, AuditEntry, Petition, Session, Signature
from signatures.publishing.readiness import READINESS
from signatures.safeguarding.access_links import make_reset_link
from signatures.safeguarding.secret_marks import lost_settings, remember_secrets
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db
ADDRESS = "anna@example.org"


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    """Return the settings that the command prints."""
    capsys.readouterr()
    call_command("rotate_secrets", *words)
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def put_in(settings: Settings, lines: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Read lines as a start of the site does, and let the settings be so."""
    for name, value in lines.items():
        monkeypatch.setenv(name, value)
    read = Reader()
    readers: dict[str, Any] = {
        "SECRET_KEY": read.secret,
        "SECRET_KEY_FALLBACKS": lambda name: read.secrets(name, default=""),
        "MY_SIGNATURE_KEYS": read.fernet_keys,
        "NO_MAIL_KEYS": read.fernet_keys,
        "NETWORK_SECRET": read.secret,
        "DELIVERY_SIGNING_KEY": read.ed25519_key,
        "ENCRYPTION_KEYS": read.fernet_keys,
        "JOURNAL_KEYS": read.fernet_keys,
        "NEWS_KEYS": read.fernet_keys,
        "CODE_SECRETS": read.secrets,
        "EMAIL_KEY_SECRETS": read.versioned_secrets,
        "METRICS_TOKEN": read.token,
    }
    for name in lines:
        setattr(settings, name, readers[name](name))
    assert read.problems == []


def sign(petition: Petition, mailbox: Mailbox) -> str:
    """Sign, and return the code of the mail."""
    assert factories.sign(Client(), petition, email=ADDRESS).status_code == 303
    return code_in(mailbox.deliver()[-1])


def test_whoever_signed_before_or_between_is_recognised_and_counts_once(
    petition: Petition,
    mailbox: Mailbox,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    waiting = sign(petition, mailbox)
    put_in(settings, printed(capsys, "--reason=A break-in"), monkeypatch)
    assert list(settings.EMAIL_KEY_SECRETS) == [1, 2]
    between = sign(petition, mailbox)
    for code in (between, waiting):
        factories.confirm(Client(), code)
        assert Signature.objects.count() == 1
    late = sign(petition, mailbox)
    put_in(settings, printed(capsys, "--second-step"), monkeypatch)
    assert list(settings.EMAIL_KEY_SECRETS) == [2, 1]
    assert (len(settings.ENCRYPTION_KEYS), len(settings.CODE_SECRETS)) == (1, 1)
    factories.confirm(Client(), late)
    factories.confirm(Client(), sign(petition, mailbox))
    assert Signature.objects.count() == 1
    key = Signature.objects.get().email_key
    assert key is not None
    assert bytes(key)[0] == 2


def test_the_site_knows_its_secrets_after_both_steps(
    petition: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remember_secrets()
    put_in(settings, printed(capsys, "--reason=A break-in"), monkeypatch)
    # As each worker does when it starts; what was replaced at once is not taken for ours without a word.
    remember_secrets()
    assert lost_settings() == ["MY_SIGNATURE_KEYS", "NO_MAIL_KEYS"]
    complaints = [finding for finding in check_secrets(Options()) if finding.level == Level.WRONG]
    assert [one.mend.partition("run ")[2] for one in complaints] == [
        f"`manage.py accept_secrets {name}`." for name in lost_settings()
    ]
    call_command("accept_secrets", *lost_settings())
    assert lost_settings() == []
    put_in(settings, printed(capsys, "--second-step"), monkeypatch)
    READINESS.forget()
    assert READINESS.checks()["secrets"]
    remember_secrets()
    assert lost_settings() == []


def test_what_leaked_opens_nothing_any_more(
    petition: Petition,
    mailbox: Mailbox,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.METRICS_TOKEN = "a token that leaked"
    administrator, guest = factories.make_organiser(), factories.make_organiser("Editors")
    browser = Client()
    browser.force_login(administrator)
    make_reset_link(account=guest, reason="Lost", actor=administrator)
    Client().post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    (link,) = [path for path in paths_in(mailbox.deliver()[0]) if "my-signature" in path]
    assert Client().get(link).status_code == 200
    before = {name: getattr(settings, name) for name in ("SECRET_KEY", "NETWORK_SECRET", "DELIVERY_SIGNING_KEY")}
    lines = printed(capsys, "--reason=A break-in")
    assert (Session.objects.count(), AccessLink.objects.count()) == (0, 0)
    put_in(settings, lines, monkeypatch)
    assert browser.get("/admin/").status_code == 302
    assert Client().get(link).status_code == 404
    assert [name for name, value in before.items() if getattr(settings, name) == value] == []
    assert settings.SECRET_KEY_FALLBACKS == []
    assert settings.METRICS_TOKEN != "a token that leaked"
    assert "MAIL_KEY_SECRET" not in lines
    entry = AuditEntry.objects.get(action="SECRETS_ROTATED")
    assert (entry.actor, entry.reason, entry.details) == (None, "A break-in", {"sessions": 1, "links": 1})


def test_it_says_what_is_left_to_do_for_each_account(capsys: pytest.CaptureFixture[str]) -> None:
    anna = factories.make_organiser()
    call_command("rotate_secrets", "--reason=A break-in")
    told = capsys.readouterr()
    assert f"  remove_second_factor {anna.username}\n  make_access_link {anna.username}\n" in told.err
    assert "--second-step" in told.err
    assert "  accept_secrets MY_SIGNATURE_KEYS NO_MAIL_KEYS\n" in told.err
    assert [name for name in WITH_PASSWORDS if name not in told.err] == []
    assert anna.username not in told.out
    assert told.out.index("SECRET_KEY=") < told.out.index("ENCRYPTION_KEYS=") < told.out.index("EMAIL_KEY_SECRETS=")


def test_it_asks_why_and_does_not_take_the_second_step_first() -> None:
    with pytest.raises(CommandError, match="Say why"):
        call_command("rotate_secrets")
    with pytest.raises(CommandError, match="the first step comes first"):
        call_command("rotate_secrets", "--second-step")
    assert not AuditEntry.objects.exists()
