"""Nobody can tell whether an address has signed: all histories look the same from outside and from inside."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from signatures.journaling import copy_own
from signatures.journaling.entries import NOTHING
from signatures.models import Attempt, Erasure, MailCount, OutgoingMail, Petition, RemovedMark, Signature
from signatures.models.choices import SignatureState, StateReason
from signatures.safeguarding.encryption import decrypt
from signatures.safeguarding.keys import email_keys
from signatures.signing.my_signature import withdraw_signature
from signatures.tokens import MySignature, my_signature_token
from tests.support import factories
from tests.support.database import rows_per_table, rows_written, statements
from tests.support.mailbox import Mailbox, code_in, text_of
from tests.support.page_reading import field_value, page_of

ADDRESS = "somebody@example.org"
OLD_SECRETS = {1: "an-old-secret-" + "o" * 40}
NEW_SECRETS = {2: "a-newer-secret-" + "n" * 40, **OLD_SECRETS}


@pytest.fixture(autouse=True)
def one_minute(settings: Settings) -> Iterator[None]:
    """Let no minute of the limits end within a test: its first request of a minute asks for other statements."""
    settings.FORM_RATES = ["1000/m", "10000/h"]
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


@dataclass(frozen=True)
class Outside:
    """What a visitor, or somebody who watches one, can see of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Inside:
    """What the database was asked to do."""

    statements: tuple[str, ...]
    rows: Mapping[str, int]


def watch(act: Callable[[Petition], HttpResponse], petition: Petition) -> tuple[Outside, Inside]:
    """Do something and return how it looked from both sides, without the petition's name."""
    # What the act before has left goes with the next one, whoever that is; the newest row with the one after that.
    Erasure.objects.create(about=NOTHING)
    copy_own()
    before = rows_per_table()
    with CaptureQueriesContext(connection) as queries:
        answer = act(petition)
    status, headers, body = factories.answer_facts(answer)
    headers = {name: value.replace(petition.slug, "") for name, value in headers.items()}
    outside = Outside(status, headers, body.replace(petition.slug.encode(), b""))
    return outside, Inside(tuple(statements(queries)), rows_written(before))


def new(petition: Petition, mailbox: Mailbox) -> None:
    """Have no history."""


def repeat(petition: Petition, mailbox: Mailbox) -> None:
    """Have signed before."""
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC")


def held(petition: Petition, mailbox: Mailbox) -> None:
    """Have a signature that waits for an organiser."""
    factories.make_signature(
        petition, address=ADDRESS, state=SignatureState.HELD, state_reason=StateReason.SUSPICIOUS, ever_counted=False
    )


def removed(petition: Petition, mailbox: Mailbox) -> None:
    """Have a signature that an organiser has removed."""
    factories.make_signature(
        petition, address=ADDRESS, state=SignatureState.REMOVED, state_reason=StateReason.INVENTED, ever_counted=True
    )


def over_the_mail_limit(petition: Petition, mailbox: Mailbox) -> None:
    """Have been sent the day's mails of both kinds already."""
    client = Client()
    OutgoingMail.objects.all().delete()
    factories.sign(client, petition, email=ADDRESS)
    client.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    assert len(mailbox.deliver()) == 2
    MailCount.objects.update(amount=1000)
    factories.sign(client, petition, email=ADDRESS)
    assert mailbox.deliver() == []
    Attempt.objects.all().delete()


def held_by_a_trap(petition: Petition, mailbox: Mailbox) -> None:
    """Have a signature that only the hidden field holds back."""
    factories.make_signature(
        petition, address=ADDRESS, state=SignatureState.HELD, state_reason=StateReason.HONEYPOT, ever_counted=False
    )


def removed_and_withdrawn(petition: Petition, mailbox: Mailbox) -> None:
    """Have withdrawn a signature that an organiser had removed."""
    removed(petition, mailbox)
    withdraw_signature(subject=MySignature(petition.pk, email_keys(petition.pk, ADDRESS)))
    assert RemovedMark.objects.filter(petition=petition).exists()


def withdrawn(petition: Petition, mailbox: Mailbox) -> None:
    """Have withdrawn a signature while attempts waited."""
    repeat(petition, mailbox)
    waiting(petition, mailbox)
    withdraw_signature(subject=MySignature(petition.pk, email_keys(petition.pk, ADDRESS)))


def waiting(petition: Petition, mailbox: Mailbox) -> None:
    """Have sent the form twice, and confirmed nothing."""
    client = Client()
    for name in ("First Name", "Second Name"):
        factories.sign(client, petition, email=ADDRESS, name=name)


def cannot_be_lowered(petition: Petition, mailbox: Mailbox) -> None:
    """Have a signature that cannot be lowered."""
    factories.make_signature(petition, address=ADDRESS, visibility="COUNTED")


def under_an_older_key(petition: Petition, mailbox: Mailbox) -> None:
    """Have a signature since before the key of addresses was changed."""
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC")


HISTORIES = (
    new,
    repeat,
    held,
    held_by_a_trap,
    removed,
    removed_and_withdrawn,
    withdrawn,
    waiting,
    over_the_mail_limit,
)
# What an address may lose or leave, beside what everybody's deed writes.
OF_THE_ADDRESS = ("signatures_attempt", "signatures_outgoingmail", "signatures_removedmark")


# What an organiser had removed or held leaves a mark when it is withdrawn; attempts that wait go with their mails.
LOST: dict[tuple[Callable[[Petition, Mailbox], None], str], list[int]] = {
    (removed, "WITHDRAW"): [0, 0, 1],
    (held, "WITHDRAW"): [0, 0, 1],
    (waiting, "ANY"): [-2, -2, 0],
}


def compare(mailbox: Mailbox, act: Callable[[Petition], HttpResponse], *, inside: bool) -> tuple[Outside, Inside]:
    """Act once with each history, each in a petition of its own, and assert that nothing differs but what must."""
    seen = {}
    for history in HISTORIES:
        petition = factories.make_petition(slug=f"petition-{uuid.uuid4()}")
        history(petition, mailbox)
        act(petition)  # so that nothing is done for the first time
        seen[history.__name__] = watch(act, petition)
    outside = {name: facts[0] for name, facts in seen.items()}
    assert len(set(map(repr, outside.values()))) == 1, outside
    if inside:
        deeds = {name: facts[1] for name, facts in seen.items()}
        assert len(set(map(repr, deeds.values()))) == 1, deeds
        assert next(iter(deeds.values())).statements
    return seen["new"]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("visibility", ["COUNTED", "PUBLIC"])
def test_signing_looks_the_same_with_each_history(
    db: None, visitor: Client, mailbox: Mailbox, language: str, visibility: str
) -> None:
    def act(petition: Petition) -> HttpResponse:
        return factories.sign(visitor, petition, language, email=ADDRESS, visibility=visibility)

    outside, inside = compare(mailbox, act, inside=True)
    assert outside.status == 303
    written = {"signatures_attempt", "signatures_outgoingmail", "signatures_tally", "signatures_hourtally"}
    assert inside.rows == dict.fromkeys(written, 1)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_asking_for_a_link_looks_the_same_with_each_history(
    db: None, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    def act(petition: Petition) -> HttpResponse:
        path = page_of(petition, "my_signature_request", language)
        return cast("HttpResponse", visitor.post(path, {"email": ADDRESS}))

    outside, inside = compare(mailbox, act, inside=True)
    assert outside.status == 200
    assert inside.rows == {"signatures_outgoingmail": 1}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("action", ["DELIVERED", "COUNTED", "WITHDRAW"])
@pytest.mark.usefixtures("db")
def test_lowering_and_withdrawing_look_the_same_with_each_history(
    visitor: Client, mailbox: Mailbox, settings: Settings, language: str, action: str
) -> None:
    def path_of(petition: Petition) -> str:
        return reverse("my_signature", kwargs={"language": language, "token": tokens[petition.pk]})

    def press(petition: Petition) -> HttpResponse:
        answer = visitor.post(path_of(petition), {"action": action})
        answer.content = answer.content.replace(tokens[petition.pk].encode(), b"")
        return cast("HttpResponse", answer)

    tokens: dict[int, str] = {}
    seen = {}
    for history in (*HISTORIES, cannot_be_lowered, under_an_older_key):
        settings.EMAIL_KEY_SECRETS = OLD_SECRETS if history is under_an_older_key else NEW_SECRETS
        petition = factories.make_petition(slug=f"petition-{uuid.uuid4()}")
        history(petition, mailbox)
        settings.EMAIL_KEY_SECRETS = NEW_SECRETS
        tokens[petition.pk] = my_signature_token(MySignature(petition.pk, email_keys(petition.pk, ADDRESS)))
        visitor.post(path_of(petition))  # so that nothing is done for the first time
        signed = Signature.objects.filter(petition=petition).count()
        outside, inside = watch(press, petition)
        rows = dict(inside.rows)
        assert rows.pop("signatures_signature", 0) == (-signed if action == "WITHDRAW" else 0)
        # A trigger of the signature's own row writes it.
        rows.pop("signatures_movement", None)
        lost = [rows.pop(table, 0) for table in OF_THE_ADDRESS]
        assert lost == LOST.get((history, action), LOST.get((history, "ANY"), [0, 0, 0])), history
        assert not Attempt.objects.filter(petition=petition).exists()
        seen[history.__name__] = outside, inside.statements, rows
    assert len(set(map(repr, seen.values()))) == 1, seen
    amount = {"WITHDRAW": 2}.get(action, 3)
    # Two are noted, and the newest of before goes.
    written = {"signatures_tally": amount, "signatures_hourtally": amount, "signatures_erasure": 2 - 1}
    assert seen["new"][2] == written


@pytest.mark.parametrize("language", ["en", "ru"])
def test_confirming_looks_the_same_with_each_history(
    db: None, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    def look_and_confirm(petition: Petition) -> HttpResponse:
        factories.sign(visitor, petition, language, email=ADDRESS, visibility="PUBLIC")
        code = waiting_code()
        path = reverse("confirm", kwargs={"language": language, "code": code})
        page = visitor.get(path).content.decode().replace(code, "")
        pages.append(page.replace(field_value(page, "press") or "", ""))
        return factories.confirm(visitor, code, language, reason="A reason")

    pages: list[str] = []
    outside, _ = compare(mailbox, look_and_confirm, inside=False)
    assert outside.status == 303
    assert len(set(pages)) == 1


def test_the_mails_are_the_same_with_each_history(db: None, visitor: Client, mailbox: Mailbox) -> None:
    texts = set()
    for history in (new, repeat, held, held_by_a_trap, removed, removed_and_withdrawn, withdrawn):
        petition = factories.make_petition()
        history(petition, mailbox)
        address = f"{history.__name__}@example.org"
        factories.sign(visitor, petition, email=address)
        (mail,) = mailbox.deliver()
        texts.add(re.sub(r"no-mail/\S+", "", text_of(mail)).replace(code_in(mail), ""))
    assert len(texts) == 1


def waiting_code() -> str:
    """Return the code of the newest mail that waits, as the worker reads it."""
    return decrypt(OutgoingMail.objects.latest("id").secret_encrypted)
