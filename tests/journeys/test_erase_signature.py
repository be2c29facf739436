"""An organiser erases one signature for a signer who lost the mailbox: everything is as if it had been withdrawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures import auditing
from signatures.counting.folding import fold_tallies
from signatures.counting.reconciling import compare_tally
from signatures.models import Attempt, AuditEntry, OutgoingMail, Petition, RemovedMark, Signature, Tally
from signatures.models.choices import AuditAction, SignatureState, StateReason, Visibility
from signatures.moderating.deciding import move_signature
from signatures.safeguarding import keys
from signatures.signing.my_signature import lower_visibility, request_my_signature, withdraw_signature
from tests.support import factories
from tests.support.database import traces_of
from tests.support.mailbox import Mailbox
from tests.support.page_reading import field_value, page_of, read, words
from tests.support.releases import release, sign_hidden
from tests.support.tally_reading import ADDRESS, counted, sign_and_confirm, subject_of, tally_rows, written_since

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
LIST = "/admin/signatures/signature/"


def erase_path(signature: Signature) -> str:
    """Return the path of the page that erases a signature."""
    return f"{LIST}{signature.pk}/erase/"


def form_of(client: Client, signature: Signature, **values: str) -> dict[str, str]:
    """Open the page, and return its form filled in."""
    page = client.get(erase_path(signature)).content.decode()
    seen = {name: field_value(page, name) or "" for name in ("last_confirmed_at", "visibility")}
    return {**seen, "reason": "MAILBOX_LOST", "is_certain": "on", **values}


def erase(client: Client, signature: Signature, **values: str) -> HttpResponse:
    """Erase a signature by the page's form, and return the page that follows."""
    form = form_of(client, signature, **values)
    return cast("HttpResponse", client.post(erase_path(signature), form, follow=True))


@pytest.fixture
def manager(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who runs the campaign."""
    return organiser_client("Organisers")


@pytest.mark.parametrize("source", ["WEB", "PAPER", "IMPORT"])
def test_a_signature_is_shown_confirmed_and_gone(ordinary: Petition, manager: Client, source: str) -> None:
    key: dict[str, Any] = {} if source == "WEB" else {"email_key": None, "domain_key": None}
    signature = factories.make_signature(
        ordinary,
        visibility="PUBLIC",
        name="Ян Жмнзк",
        city="Кзбвгд",
        reason="Рзмнкт",
        source=source,
        address="a@zyzzyva.example",
        **key,
    )
    factories.make_signature(ordinary)
    page = read(manager, erase_path(signature))
    for said in ("Ян Жмнзк", "Кзбвгд", "The count falls by one", "No list that could hold this signature has left"):
        assert said in words(page)
    reason = "MAILBOX_LOST" if source == "WEB" else "NO_ADDRESS"
    assert 'value="NO_ADDRESS"' not in page if source == "WEB" else 'value="MAILBOX_LOST"' not in page
    answer = erase(manager, signature, reason=reason)
    assert f"Signature {signature.pk} is erased. It counts as withdrawn" in words(answer)
    assert not Signature.objects.filter(pk=signature.pk).exists()
    assert "Жмнзк" not in read(Client(), page_of(ordinary, "signers"))
    assert counted(ordinary) == "1"
    assert Tally.objects.filter(kind="WITHDRAWN").values_list("source", "amount").get() == (source, 1)
    assert compare_tally(ordinary) == {}
    values = [b for b in (signature.email_key, signature.domain_key) if b]
    assert traces_of("Жмнзк", "Кзбвгд", "Рзмнкт", *map(bytes, values)) == []
    entry = AuditEntry.objects.get(action=AuditAction.SIGNATURE_ERASED)
    assert (entry.petition, entry.target, entry.amount, entry.reason, entry.details) == (
        ordinary,
        signature.pk,
        1,
        reason,
        {},
    )


def test_the_page_records_that_a_name_was_looked_at(petition: Petition, manager: Client) -> None:
    signature = factories.make_signature(petition)
    read(manager, erase_path(signature))
    looked = AuditEntry.objects.filter(action=AuditAction.NAMES_VIEWED)
    assert list(looked.values_list("target", "amount")) == [(signature.pk, 1)]


@pytest.mark.parametrize(
    ("state", "reason", "counts"),
    [
        ("CONFIRMED", None, True),
        ("HELD", StateReason.SUSPICIOUS, False),
        ("HELD", StateReason.HONEYPOT, False),
        ("REMOVED", StateReason.INVENTED, False),
    ],
)
def test_what_is_left_is_what_withdrawing_leaves(
    petition: Petition, manager: Client, state: str, reason: StateReason | None, *, counts: bool
) -> None:
    """Two petitions with the same signature: of one it is withdrawn, of the other erased."""
    other = factories.make_petition()
    left = []
    for one in (petition, other):
        values: dict[str, Any] = {"address": ADDRESS, "state": state, "state_reason": reason, "country": "PL"}
        signature = factories.make_signature(one, visibility="PUBLIC", name="Ян Жмнзк", **values)
        factories.sign(Client(headers={"sec-fetch-site": "same-origin"}), one, email=ADDRESS)
        request_my_signature(petition=one, language="en", address=ADDRESS, sender="000")
        before = tally_rows()
        if one == petition:
            withdraw_signature(subject=subject_of(one))
        else:
            erase(manager, signature)
        marks = RemovedMark.objects.filter(petition=one).values_list("state", "reason")
        waiting = Attempt.objects.filter(petition=one).count(), OutgoingMail.objects.filter(petition=one).count()
        moved = one.movements.values_list("was_counted", "is_counted", "is_gone", "has_withdrawn")
        left.append((written_since(before), list(marks), waiting, list(moved), counted(one)))
    assert left[0] == left[1]
    assert left[0][2] == (0, 0)
    assert ("WITHDRAWN" in str(left[0][0])) is counts


def test_what_everybody_may_read_is_the_same_byte_for_byte(petition: Petition, manager: Client) -> None:
    """Two sites with as many signers, of whom ten leave: here by themselves, there by an organiser."""
    published = []
    for by_organiser in (False, True):
        one = factories.make_petition(slug=f"site-{int(by_organiser)}")
        signatures = [
            factories.make_signature(one, visibility="PUBLIC", name=f"N {number}", address=f"{number}@example.org")
            for number in range(30)
        ]
        sign_hidden(one, 20)
        assert release(one, timedelta(days=2))
        for number, signature in enumerate(signatures[:12]):
            if by_organiser:
                erase(manager, signature)
            else:
                withdraw_signature(subject=subject_of(one, f"{number}@example.org"))
        assert release(one, timedelta(days=1))
        fold_tallies(all_days=True)
        visitor = Client()
        pages = (page_of(one), page_of(one, "ledger"), page_of(one, "ledger_json"), page_of(one, "signers"))
        texts = [visitor.get(path).content.decode() for path in (*pages, f"/api/petitions/{one.slug}.json")]
        assert "WITHDRAWN" in texts[2].upper()
        shown = [text.replace(one.slug, "site") for text in texts]
        published.append([sorted(shown[3].split()), *shown[:3], json.loads(shown[4])["signature_count"]])
    assert published[0] == published[1]


def test_signing_again_works_as_after_withdrawing(petition: Petition, manager: Client, mailbox: Mailbox) -> None:
    sign_and_confirm(petition, mailbox)
    erase(manager, Signature.objects.get())
    assert counted(petition) == "0"
    sign_and_confirm(petition, mailbox)
    assert counted(petition) == "1"
    move_signature(
        pk=Signature.objects.get().pk,
        to=SignatureState.REMOVED,
        reason=StateReason.INVENTED,
        actor=factories.make_organiser(),
    )
    assert "A mark of the address stays" in words(read(manager, erase_path(Signature.objects.get())))
    erase(manager, Signature.objects.get(), reason="NOT_SIGNED")
    sign_and_confirm(petition, mailbox)
    assert (Signature.objects.get().state, counted(petition)) == ("REMOVED", "0")
    assert compare_tally(petition) == {}


def test_a_double_press_erases_once_and_says_so(petition: Petition, manager: Client) -> None:
    signature = factories.make_signature(petition)
    form = form_of(manager, signature)
    first = manager.post(erase_path(signature), form)
    second = cast("HttpResponse", manager.post(erase_path(signature), form, follow=True))
    assert first.status_code == 302
    assert "There is no such signature any more" in words(second)
    assert AuditEntry.objects.filter(action=AuditAction.SIGNATURE_ERASED).count() == 1
    assert counted(petition) == "0"


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"reason": "NO_ADDRESS"}, {"is_certain": ""}])
def test_nothing_is_erased_without_a_reason_and_certainty(
    petition: Petition, manager: Client, wrong: dict[str, str]
) -> None:
    signature = factories.make_signature(petition)
    form = form_of(manager, signature) | wrong
    answer = manager.post(erase_path(signature), {name: value for name, value in form.items() if value})
    assert answer.status_code == 422
    assert Signature.objects.count() == 1


def test_what_its_signer_has_changed_since_is_not_erased(petition: Petition, manager: Client, mailbox: Mailbox) -> None:
    sign_and_confirm(petition, mailbox, visibility="PUBLIC")
    signature = Signature.objects.get()
    for change in (
        lambda: lower_visibility(subject=subject_of(petition), to=Visibility.DELIVERED),
        lambda: Signature.objects.update(last_confirmed_at=signature.last_confirmed_at - timedelta(seconds=1)),
    ):
        form = form_of(manager, signature)
        if signature.first_confirmed_at == Signature.objects.get().last_confirmed_at:
            Signature.objects.update(first_confirmed_at=signature.first_confirmed_at - timedelta(days=1))
        change()
        answer = cast("HttpResponse", manager.post(erase_path(signature), form, follow=True))
        assert "since you opened this page. Please look at it again." in words(answer)
        assert Signature.objects.count() == 1
    assert not AuditEntry.objects.filter(action=AuditAction.SIGNATURE_ERASED).exists()


@pytest.mark.parametrize("role", ["Moderators", "Editors", "Auditors"])
def test_nobody_erases_without_the_permission(petition: Petition, organiser_client: LogIn, role: str) -> None:
    signature, client = factories.make_signature(petition), organiser_client(role)
    assert client.get(erase_path(signature)).status_code == 403
    assert client.post(erase_path(signature), {"reason": "MAILBOX_LOST", "is_certain": "on"}).status_code == 403
    if role == "Moderators":
        assert erase_path(signature) not in read(client, f"{LIST}{signature.pk}/change/")
    assert Signature.objects.count() == 1


def test_lists_that_may_hold_the_name_are_told_with_their_days(petition: Petition, manager: Client) -> None:
    signature = factories.make_signature(petition)
    parliament = petition.recipients.get(profile="NAMES")
    auditing.record(actor=None, action=AuditAction.EXPORT_STARTED, petition=petition, target=parliament.pk)
    page = words(read(manager, erase_path(signature)))
    assert "These lists may hold the name:" in page
    assert "Parliament (files were made" in page
    Signature.objects.update(
        first_confirmed_at=signature.first_confirmed_at + timedelta(days=2),
        last_confirmed_at=signature.last_confirmed_at + timedelta(days=2),
        current_since=signature.current_since + timedelta(days=2),
    )
    assert "No list that could hold this signature has left the site." in words(read(manager, erase_path(signature)))


def test_the_audit_log_tells_the_reason_in_words(petition: Petition, manager: Client, organiser_client: LogIn) -> None:
    erase(manager, factories.make_signature(petition))
    page = words(read(organiser_client("Auditors"), "/admin/signatures/auditentry/?action__exact=SIGNATURE_ERASED"))
    assert "The signer has no access to the mailbox any more" in page
    assert "MAILBOX_LOST" not in page


def test_what_waits_of_its_address_goes_with_it(petition: Petition, manager: Client) -> None:
    signature = factories.make_signature(petition, address=ADDRESS)
    factories.sign(Client(headers={"sec-fetch-site": "same-origin"}), petition, email=ADDRESS)
    assert Attempt.objects.count() == 1
    erase(manager, signature)
    assert (Attempt.objects.count(), OutgoingMail.objects.count()) == (0, 0)
    assert traces_of(*keys.email_keys(petition.pk, ADDRESS)) == []
