"""The doctor knows whether the secrets are those of the database, and which of them are still needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as configuration
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from signatures.doctor import secrets
from signatures.doctor.findings import Level
from signatures.doctor.secrets import check_secrets
from signatures.models import Petition, RemovedMark, SecretMark
from signatures.models.choices import StateReason
from signatures.safeguarding import keys
from signatures.safeguarding.secret_marks import (
    FOREIGN,
    LOSSES,
    dropped_versions,
    lost_settings,
    present_marks,
    remember_secrets,
)
from tests.support import factories
from tests.support.doctor import complaints, said
from tests.support.environment import FERNET_KEY
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.django_db

OLD = {1: "an old secret of the tests " + "o" * 40}
NEW = {2: "a new secret of the tests " + "n" * 40}
FOREIGN_VALUES = {
    "EMAIL_KEY_SECRETS": {1: "a secret of another database " + "f" * 40},
    "CODE_SECRETS": ["codes of another database " + "f" * 40],
    "ENCRYPTION_KEYS": [FERNET_KEY.format("f")],
    "MAIL_KEY_SECRET": "mails of another database " + "f" * 40,
    "MY_SIGNATURE_KEYS": [FERNET_KEY.format("g")],
    "NO_MAIL_KEYS": [FERNET_KEY.format("h")],
    "JOURNAL_KEYS": [FERNET_KEY.format("i")],
    "NEWS_KEYS": [FERNET_KEY.format("j")],
}


def test_secrets_that_are_not_recorded_yet_are_told_of_and_a_worker_records_them() -> None:
    (sentence,) = complaints(check_secrets)
    assert "No check values of the secrets are recorded yet" in sentence
    remember_secrets()
    assert complaints(check_secrets) == []
    assert SecretMark.objects.count() == len(list(present_marks()))
    remember_secrets()
    assert SecretMark.objects.count() == len(list(present_marks()))


def test_a_check_value_holds_nothing_of_its_secret() -> None:
    remember_secrets()
    marks = [bytes(mark) for mark in SecretMark.objects.values_list("mark", flat=True)]
    assert {len(mark) for mark in marks} == {32}
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("setting", list(FOREIGN_VALUES))
def test_each_secret_of_another_database_is_named_with_what_breaks(settings: Settings, setting: str) -> None:
    remember_secrets()
    setattr(settings, setting, FOREIGN_VALUES[setting])
    (sentence,) = said(check_secrets)
    assert sentence.startswith(f"{setting} holds none of the secrets")
    assert LOSSES[setting] in sentence
    # Nothing is recorded under them, so that they stay foreign.
    remember_secrets()
    assert lost_settings() == [setting]


def test_foreign_secrets_are_complained_of_in_the_log(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    remember_secrets()
    settings.CODE_SECRETS = FOREIGN_VALUES["CODE_SECRETS"]
    remember_secrets()
    assert [record.message for record in caplog.records] == [FOREIGN]


def test_a_change_in_the_documented_order_is_right_at_each_step(settings: Settings) -> None:
    remember_secrets()
    old = configuration.ENCRYPTION_KEYS
    for step in ([FERNET_KEY.format("x"), *old], [FERNET_KEY.format("x")]):
        settings.ENCRYPTION_KEYS = step
        remember_secrets()
        assert complaints(check_secrets) == []
    settings.ENCRYPTION_KEYS = old
    assert complaints(check_secrets) == []


def test_what_was_replaced_on_purpose_is_accepted_by_a_command(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    remember_secrets()
    settings.MAIL_KEY_SECRET = FOREIGN_VALUES["MAIL_KEY_SECRET"]
    assert len(said(check_secrets)) == 1
    call_command("accept_secrets", "MAIL_KEY_SECRET")
    assert "those who asked for no more mails are forgotten" in capsys.readouterr().out
    assert complaints(check_secrets) == []
    with pytest.raises(CommandError):
        call_command("accept_secrets", "SECRET_KEY")


def test_a_version_that_is_dropped_while_somebody_has_signed_under_it_is_told_of_with_their_number(
    settings: Settings, petition: Petition
) -> None:
    settings.EMAIL_KEY_SECRETS = OLD
    remember_secrets()
    for _ in range(3):
        factories.make_signature(petition)
    key = keys.email_keys(petition.pk, "removed@example.org")[0]
    RemovedMark.objects.create(petition=petition, email_key=key, reason=StateReason.DUPLICATE)
    settings.EMAIL_KEY_SECRETS = {**NEW, **OLD}
    factories.make_signature(petition)
    remember_secrets()
    assert complaints(check_secrets) == []
    settings.EMAIL_KEY_SECRETS = NEW
    assert dropped_versions() == [1]
    (sentence,) = said(check_secrets)
    assert sentence.startswith("4 signatures and removed marks have e-mail keys of version 1")


def test_another_secret_under_the_same_version_is_foreign(settings: Settings) -> None:
    settings.EMAIL_KEY_SECRETS = OLD
    remember_secrets()
    settings.EMAIL_KEY_SECRETS = {**NEW, 1: "a third secret of the tests " + "t" * 40}
    assert lost_settings() == ["EMAIL_KEY_SECRETS"]


def test_versions_are_found_whichever_there_are(settings: Settings, petition: Petition) -> None:
    other = factories.make_petition()
    for version, where in ((1, petition), (7, other), (255, petition)):
        settings.EMAIL_KEY_SECRETS = {version: f"secret number {version} of the tests {'s' * 40}"}
        factories.make_signature(where)
    settings.EMAIL_KEY_SECRETS = {7: "another " + "s" * 40}
    assert dropped_versions() == [1, 255]


def test_forms_that_wait_under_a_dropped_secret_are_told_of(
    settings: Settings, petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    settings.EMAIL_KEY_SECRETS = OLD
    factories.sign(visitor, petition)
    settings.EMAIL_KEY_SECRETS = NEW
    assert [one for one in said(check_secrets, Level.WARN) if one.startswith("1 forms that wait")]


def test_a_file_of_secrets_that_others_may_read_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember_secrets()
    file = tmp_path / "petition.env"
    file.write_text("SECRET_KEY=x")
    monkeypatch.setattr(secrets, "SETTINGS_FILE", file)
    for mode, amount in ((0o640, 0), (0o644, 1), (0o660, 1)):
        file.chmod(mode)
        assert len(said(check_secrets)) == amount
    monkeypatch.setenv("MAIL_KEY_SECRET_FILE", str(file))
    assert len(said(check_secrets)) == 1


def test_nothing_that_the_doctor_says_holds_a_secret(settings: Settings) -> None:
    remember_secrets()
    for setting, value in FOREIGN_VALUES.items():
        setattr(settings, setting, value)
    text = " ".join(complaints(check_secrets))
    assert "of another database" not in text
    assert "AAAA" not in text
