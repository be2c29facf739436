"""Keyed hashes of addresses, encryption of temporary data, and the effect of new keys on old rows."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from signatures.counting.reconciling import compare_tally
from signatures.models import Attempt, Petition, Signature
from signatures.safeguarding import keys
from signatures.safeguarding.encryption import decrypt, encrypt
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.page_reading import page_of
from tests.support.tally_reading import counted

OLD, NEW = "old secret of the tests " + "o" * 40, "new secret of the tests " + "n" * 40
ADDRESS = "a@example.org"


@given(st.text())
def test_encryption_is_reversible_and_never_gives_the_same_twice(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    secret = encrypt(text)
    assert decrypt(secret) == decrypt(memoryview(secret)) == text
    assert secret != encrypt(text)
    assert len(text) < 4 or text.encode() not in secret


def test_old_keys_still_decrypt_and_the_newest_encrypts(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    secret = encrypt("text")
    settings.ENCRYPTION_KEYS = [new, old]
    assert decrypt(secret) == "text"
    later = encrypt("text")
    settings.ENCRYPTION_KEYS = [new]
    assert decrypt(later) == "text"
    with pytest.raises(InvalidToken):
        decrypt(secret)


def test_an_email_key_is_computed_as_documented(settings: Settings) -> None:
    settings.EMAIL_KEY_SECRETS = {7: OLD}
    expected = hmac.new(OLD.encode(), b"address\x0042\0a@example.org", hashlib.sha256).digest()
    assert keys.email_keys(42, ADDRESS) == [b"\x07" + expected]
    expected = hmac.new(OLD.encode(), b"domain\x0042\0example.org", hashlib.sha256).digest()
    assert keys.domain_keys(42, ADDRESS) == [b"\x07" + expected]
    settings.MAIL_KEY_SECRET = NEW
    assert keys.mail_key(ADDRESS) == hmac.new(NEW.encode(), ADDRESS.encode(), hashlib.sha256).digest()


def test_keys_of_two_petitions_addresses_or_secrets_have_nothing_in_common(settings: Settings) -> None:
    settings.EMAIL_KEY_SECRETS = {1: OLD, 2: NEW}
    seen = [
        key[1:]
        for petition_id in (1, 11)
        for address in (ADDRESS, "1@example.org", "example.org@a")
        for made in (keys.email_keys, keys.domain_keys)
        for key in made(petition_id, address)
    ]
    seen += [keys.mail_key(ADDRESS), keys.mail_key("example.org")]
    # The domain is the same for two of the addresses.
    assert len(set(seen)) == len(seen) - 4


def test_the_stored_key_is_the_first_in_the_settings_that_the_attempt_carries(settings: Settings) -> None:
    settings.EMAIL_KEY_SECRETS = {2: NEW, 1: OLD}
    both = keys.email_keys(1, ADDRESS)
    assert [key[0] for key in both] == [2, 1]
    assert keys.written_key(both) == keys.written_key(both[::-1]) == both[0]
    assert keys.written_key(both[1:]) == both[1]


def sign(petition: Petition, mailbox: Mailbox, **values: str) -> str:
    """Sign and return the code."""
    factories.sign(Client(), petition, email=ADDRESS, **values)
    return code_in(mailbox.deliver()[0])


def key_versions() -> list[int]:
    """Return the version of the secret that each signature's key was made with."""
    return [bytes(key)[0] for key in Signature.objects.order_by("id").values_list("email_key", flat=True) if key]


def test_a_signer_under_the_old_secret_is_recognised_and_moved_to_the_new_one(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.EMAIL_KEY_SECRETS = {1: OLD}
    factories.confirm(Client(), sign(petition, mailbox))
    other = factories.make_signature(petition)
    settings.EMAIL_KEY_SECRETS = {1: OLD, 2: NEW}
    factories.confirm(Client(), sign(petition, mailbox))
    assert key_versions() == [1, 1]
    settings.EMAIL_KEY_SECRETS = {2: NEW, 1: OLD}
    factories.confirm(Client(), sign(petition, mailbox, name="Moved"))
    assert key_versions() == [2, 1]
    moved = Signature.objects.get(name="Moved")
    assert bytes(moved.domain_key or b"")[0] == 2
    assert moved.pk != other.pk
    assert counted(petition) == "2"
    assert compare_tally(petition) == {}


def test_attempts_and_links_made_before_the_change_still_work(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.EMAIL_KEY_SECRETS = {1: OLD, 2: NEW}
    code = sign(petition, mailbox)
    Client().post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    link = paths_in(mailbox.deliver()[0])[0]
    settings.EMAIL_KEY_SECRETS = {2: NEW, 1: OLD}
    assert factories.confirm(Client(), code).status_code == 303
    assert key_versions() == [2]
    Client().post(link, {"action": "COUNTED"})
    assert Signature.objects.get().visibility == "COUNTED"
    Client().post(link, {"action": "WITHDRAW"})
    assert not Signature.objects.exists()
    assert compare_tally(petition) == {}


def test_an_attempt_with_only_the_old_key_still_confirms(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.EMAIL_KEY_SECRETS = {1: OLD}
    code = sign(petition, mailbox)
    settings.EMAIL_KEY_SECRETS = {2: NEW, 1: OLD}
    assert factories.confirm(Client(), code).status_code == 303
    assert key_versions() == [1]
    factories.confirm(Client(), sign(petition, mailbox))
    assert key_versions() == [2]
    assert counted(petition) == "1"


def test_a_my_signature_link_finds_a_signature_under_either_key(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.EMAIL_KEY_SECRETS = {1: OLD}
    factories.confirm(Client(), sign(petition, mailbox))
    settings.EMAIL_KEY_SECRETS = {2: NEW, 1: OLD}
    Client().post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    Client().post(paths_in(mailbox.deliver()[0])[0], {"action": "WITHDRAW"})
    assert not Signature.objects.exists()


def test_codes_and_names_under_older_keys_are_still_read(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    code = sign(petition, mailbox, name="Зоя", visibility="PUBLIC")
    settings.CODE_SECRETS = [NEW, *settings.CODE_SECRETS]
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    assert factories.confirm(Client(), code).status_code == 303
    assert Signature.objects.get().name == "Зоя"
    newer = sign(petition, mailbox)
    settings.CODE_SECRETS = settings.CODE_SECRETS[:1]
    assert factories.confirm(Client(), newer).status_code == 303
    assert Attempt.objects.filter(confirmed_at=None).count() == 0
