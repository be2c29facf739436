"""The site works with the rights of a role that owns nothing: no page, form or job needs more than it was granted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from signatures.models import AuditEntry, Organiser, Petition, Release, ReleaseClock, Rewrite, Signature, TallySum
from signatures.moderating.purging import purge_petition
from signatures.worker import Worker
from tests.support import factories
from tests.support.database import query, refuses
from tests.support.desk_addresses import ADDRESSES, SUPERUSER
from tests.support.desk_clients import Holder, Values, account_of, client_of, rows_of
from tests.support.environment import SERVING
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.serving_role import in_session, serve_in_transaction

pytestmark = pytest.mark.django_db
PERSON = {"visibility": "PUBLIC", "name": "Ян Купала", "email": "jan@example.org", "country": "PL", "consent": "on"}
NAMES = "public.signatures_signature"
COMMANDS = (
    ("ensure_roles",),
    ("check_tally", "--repair"),
    ("fold_tally", "--all-days"),
    ("check_audit",),
    ("make_access_link", "anna"),
    ("remove_second_factor", "anna"),
)


@pytest.fixture
def serving(transactional_db: None) -> Iterator[None]:
    """Let a test that commits run with the rights of the role that serves."""
    with in_session():
        yield


@pytest.fixture
def values(petition: Petition) -> Values:
    """Return what stands in the addresses of the desk, while the tests' own role makes it."""
    return rows_of(petition)


def test_every_page_and_form_of_the_desk_is_answered(petition: Petition, values: Values, settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client = client_of(account_of(Holder(SUPERUSER), petition))
    serve_in_transaction()
    answered = 0
    # Forms last, since some take away what others are about.
    for send in (client.get, client.post):
        for template, address in ADDRESSES.items():
            # Whatever the database refuses is raised here.
            answer = send(template.format(**values), address.words)
            if answer.streaming:
                b"".join(answer)
            assert answer.status_code < 500, template
            answered += answer.status_code in {200, 302}
    assert answered > 100
    assert query("SELECT current_user") == [(SERVING,)]


def test_a_signers_whole_way(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    serve_in_transaction()
    page = f"/en/petitions/{petition.slug}/"
    assert visitor.post(page, {**PERSON, "version": "1"}).status_code == 303
    (mail,) = mailbox.deliver()
    assert visitor.post(f"/en/confirm/{code_in(mail)}/", {"visibility": "PUBLIC", "reason": "Why"}).status_code == 303
    assert Signature.objects.get().name == PERSON["name"]
    assert visitor.post(f"{page}my-signature/", {"email": PERSON["email"]}).status_code == 200
    (mail,) = mailbox.deliver()
    assert visitor.post(paths_in(mail)[0], {"action": "WITHDRAW"}).status_code == 200
    assert not Signature.objects.exists()
    for path in (page, f"{page}signers/", f"{page}ledger/", f"{page}deliveries/", "/en/privacy/", "/-/ready"):
        assert visitor.get(path).status_code == 200, path


@pytest.mark.django_db(transaction=True)
def test_each_job_of_the_worker(serving: None, petition: Petition, mailbox: Mailbox) -> None:
    for number in range(12):
        factories.make_signature(petition, name=f"Person {number}")
    worker = Worker()
    for _ in range(2):
        worker.due = [0.0] * len(worker.due)
        worker.round()
        ReleaseClock.objects.update(look_at=TransactionNow())
    worker.transport.close()
    assert Release.objects.filter(petition=petition).exists()
    assert TallySum.objects.filter(petition=petition, amount=12).exists()
    # It leaves rewriting to the owner, and sees to it that the owner's not coming is noticed.
    assert NAMES in set(Rewrite.objects.values_list("name", flat=True))


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_command_of_every_day(petition: Petition, words: tuple[str, ...]) -> None:
    Organiser.objects.create_user("anna", is_staff=True)
    factories.make_signature(petition)
    serve_in_transaction()
    call_command(*words)


def test_the_first_petition_and_account_can_be_made_and_a_petition_be_purged(petition: Petition) -> None:
    factories.make_signature(petition)
    Petition.objects.filter(pk=petition.pk).update(status="CLOSED")
    serve_in_transaction()
    call_command("ensure_organiser")
    call_command("load_first_petition")
    assert purge_petition(petition=petition, reason="The end", actor=None).signatures == 1
    assert AuditEntry.objects.filter(action="PETITION_PURGED").exists()


def test_what_is_frozen_is_not_even_granted(petition: Petition) -> None:
    serve_in_transaction()
    refuses("UPDATE signatures_textversion SET number = 2", by="permission denied")
    refuses("ALTER TABLE signatures_textversion DISABLE TRIGGER ALL", by="must be owner")
