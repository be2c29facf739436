"""Asking for a link to one's signature, lowering its visibility, and withdrawing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from signatures import auditing
from signatures.counting.folding import fold_tallies
from signatures.counting.reconciling import compare_tally
from signatures.models import OutgoingMail, Petition, Signature, Tally
from signatures.models.choices import AuditAction, SignatureState, StateReason, TallyKind, Visibility
from tests.support import factories
from tests.support.database import rows_per_table, rows_written
from tests.support.mailbox import Mailbox, paths_in, text_of
from tests.support.page_reading import field_value, in_language, page_of, read, words
from tests.support.tally_reading import counted

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
ADDRESS = "signer@example.org"
NEVER_RAISED = (
    "Here the choice can only be lowered, never raised: if you had chosen fewer people, or “No one”, that stays as it"
    " is."
)


def ask(client: Client, petition: Petition, mailbox: Mailbox, language: str = "en", address: str = ADDRESS) -> str:
    """Ask for a link, open the mail and return where it leads."""
    client.post(page_of(petition, "my_signature_request", language), {"email": address})
    return paths_in(mailbox.deliver()[-1])[0]


def act(client: Client, link: str, action: str) -> HttpResponse:
    """Press a button of the page."""
    return cast("HttpResponse", client.post(link, {"action": action}))


@LANGUAGES
def test_a_signer_asks_for_a_link_and_withdraws(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", name="Somebody Named")
    request = page_of(petition, "my_signature_request", language)
    asked = in_language(
        "Enter the address you used. We will send a link to it, whether or not it has signed.", language
    )
    assert asked in words(read(visitor, request))
    answer = cast("HttpResponse", visitor.post(request, {"email": ADDRESS}))
    assert answer.status_code == 200
    assert in_language("Look into your mailbox.", language) in words(answer)
    (mail,) = mailbox.deliver()
    assert mail["Subject"] == in_language("Your link", language)
    link = paths_in(mail)[0]
    page = words(read(visitor, link))
    assert in_language("Lower the visibility, or withdraw the signature?", language) in page
    assert "Somebody Named" not in page
    assert Signature.objects.count() == 1

    answer = act(visitor, link, "WITHDRAW")
    assert answer.status_code == 200
    assert in_language("Done. If there was a signature, it has been erased.", language) in words(answer)
    assert Signature.objects.count() == 0
    assert counted(petition) == "0"
    assert compare_tally(petition) == {}


@LANGUAGES
def test_neither_page_nor_mail_says_whether_there_is_a_signature(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.make_signature(petition, address="signed@example.org", visibility="PUBLIC")
    seen = []
    for address in ("signed@example.org", "unknown@example.org"):
        visitor.post(page_of(petition, "my_signature_request", language), {"email": address})
        (mail,) = mailbox.deliver()
        link, stop = paths_in(mail)
        token = link.split("/")[-2]
        facts = [text_of(mail).replace(link, "").replace(stop, ""), str(len(link)), str(len(stop))]
        for answer in (
            visitor.get(link),
            act(visitor, link, "DELIVERED"),
            act(visitor, link, "COUNTED"),
            act(visitor, link, "NONSENSE"),
            act(visitor, link, "WITHDRAW"),
            act(visitor, link, "WITHDRAW"),
            visitor.get(link),
        ):
            status, headers, body = factories.answer_facts(cast("HttpResponse", answer))
            facts.append(repr((status, headers, body.decode().replace(token, ""))))
        seen.append(facts)
    assert seen[0] == seen[1]


@pytest.mark.parametrize("action", ["COUNTED", "DELIVERED"])
@pytest.mark.parametrize("before", list(Visibility))
def test_the_visibility_is_lowered_and_never_raised(
    petition: Petition, visitor: Client, mailbox: Mailbox, before: Visibility, action: str
) -> None:
    named = before != Visibility.COUNTED
    public = before == Visibility.PUBLIC
    factories.make_signature(
        petition,
        address=ADDRESS,
        visibility=before,
        name="Named" if named else None,
        city="City" if named else None,
        reason="Reason" if public else None,
        reason_approved=public,
    )
    stood_since = Signature.objects.values("first_confirmed_at", "last_confirmed_at", "current_since").get()
    link = ask(visitor, petition, mailbox)
    answer = act(visitor, link, action)
    assert "Done. If there was a signature, the change has been made." in words(answer)
    after = Signature.objects.get()
    expected = min(before, Visibility(action), key=lambda choice: choice.reach)
    assert after.visibility == expected
    assert (after.name, after.city) == ((None, None) if expected == Visibility.COUNTED else ("Named", "City"))
    assert after.reason == ("Reason" if expected == Visibility.PUBLIC else None)
    assert Signature.objects.values("first_confirmed_at", "last_confirmed_at", "current_since").get() == stood_since
    changed = list(
        Tally.objects.filter(kind__startswith="CHANGED").order_by("kind").values_list("kind", "visibility", "amount")
    )
    assert changed == ([] if expected == before else [("CHANGED_FROM", before, 1), ("CHANGED_TO", expected, 1)])
    assert compare_tally(petition) == {}
    assert counted(petition) == "1"


@LANGUAGES
def test_before_and_after_a_change_the_page_says_that_nothing_is_ever_raised(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="COUNTED")
    link = ask(visitor, petition, mailbox, language)
    said = in_language(NEVER_RAISED, language)
    assert said in words(read(visitor, link))
    for action in ("DELIVERED", "COUNTED"):
        assert said in words(act(visitor, link, action))
    assert said not in words(act(visitor, link, "WITHDRAW"))


@LANGUAGES
def test_the_page_says_what_each_choice_erases(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    sentence = (
        "“No one” erases the name, and the city if you gave one; the signature still counts. Leaving “Everyone” erases"
        " the reason for signing."
    )
    assert in_language(sentence, language) in words(read(visitor, ask(visitor, petition, mailbox, language)))


def test_a_name_lowered_from_public_is_off_the_list_at_once(
    ordinary: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.make_signature(ordinary, address=ADDRESS, visibility="PUBLIC", name="Somebody Named")
    assert "Somebody Named" in read(Client(), page_of(ordinary, "signers"))
    act(visitor, ask(visitor, ordinary, mailbox), "DELIVERED")
    assert "Somebody Named" not in read(Client(), page_of(ordinary, "signers"))


@pytest.mark.parametrize("state", [SignatureState.HELD, SignatureState.REMOVED])
@pytest.mark.parametrize("action", ["WITHDRAW", "COUNTED"])
def test_a_signature_that_does_not_count_changes_no_number(
    petition: Petition, visitor: Client, mailbox: Mailbox, state: SignatureState, action: str
) -> None:
    factories.make_signature(petition, address=ADDRESS, state=state, state_reason=StateReason.DUPLICATE)
    act(visitor, ask(visitor, petition, mailbox), action)
    assert set(Tally.objects.values_list("kind", "amount")) == {("CORRECTION", 0)}
    fold_tallies()
    assert Tally.objects.count() == 0
    assert Signature.objects.count() == (0 if action == "WITHDRAW" else 1)


def test_nobody_elses_signature_is_touched(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    other = factories.make_petition()
    mine = factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC")
    kept = {factories.make_signature(other, address=ADDRESS).pk, factories.make_signature(petition).pk}
    link = ask(visitor, petition, mailbox)
    for action in ("DELIVERED", "COUNTED", "WITHDRAW"):
        act(visitor, link, action)
        assert Signature.objects.exclude(pk=mine.pk).filter(visibility="DELIVERED").count() == 2
    assert set(Signature.objects.values_list("pk", flat=True)) == kept


def test_who_has_withdrawn_may_sign_again(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.make_signature(petition, address=ADDRESS)
    link = ask(visitor, petition, mailbox)
    act(visitor, link, "WITHDRAW")
    factories.make_signature(petition, address=ADDRESS)
    assert counted(petition) == "1"
    act(visitor, link, "WITHDRAW")
    assert counted(petition) == "0"
    kinds = Tally.objects.exclude(amount=0).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [TallyKind.CONFIRMED, TallyKind.WITHDRAWN] * 2


def test_reading_the_page_changes_nothing(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC")
    link = ask(visitor, petition, mailbox)
    before = rows_per_table(), list(Signature.objects.values())
    for method in (visitor.get, visitor.head):
        assert method(link).status_code == 200
    for action in ("", "PUBLIC", "withdraw", "NONSENSE"):
        assert act(visitor, link, action).status_code == 400
    assert set(rows_written(before[0])) <= {"signatures_ratelimit"}
    assert list(Signature.objects.values()) == before[1]


@LANGUAGES
@pytest.mark.parametrize("address", ["", "nobody", "a@b"])
def test_a_wrong_address_is_named_and_kept(petition: Petition, visitor: Client, language: str, address: str) -> None:
    path = page_of(petition, "my_signature_request", language)
    answer = cast("HttpResponse", visitor.post(path, {"email": address}))
    assert answer.status_code == 422
    assert in_language("Check the address, for example name@example.org", language) in words(answer)
    assert field_value(answer, "email") == address
    assert OutgoingMail.objects.count() == 0


def test_it_works_while_the_petition_is_closed(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.make_signature(petition, address=ADDRESS)
    Petition.objects.update(status="CLOSED")
    assert act(visitor, ask(visitor, petition, mailbox), "WITHDRAW").status_code == 200
    assert Signature.objects.count() == 0


def test_a_link_lives_seven_days(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    link = ask(visitor, petition, mailbox)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, seconds=-60)):
        assert visitor.get(link).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, seconds=60)):
        assert visitor.get(link).status_code == 404


@LANGUAGES
@pytest.mark.parametrize("kind", ["my-signature", "no-mail"])
def test_a_link_that_does_not_work_says_where_to_ask_for_a_new_one(
    petition: Petition, visitor: Client, language: str, kind: str
) -> None:
    broken = f"/{language}/{kind}/-/"
    answer = cast("HttpResponse", visitor.get(broken))
    assert answer.status_code == 404
    asked = "To be sent a new one, open the petition and choose “Change or withdraw your signature” at its end."
    assert in_language(asked, language) in words(answer)
    only_petition = f'href="{page_of(petition, "my_signature_request", language)}"'
    assert only_petition in answer.content.decode()
    assert f'href="/{"ru" if language == "en" else "en"}/{kind}/-/"' in answer.content.decode()
    factories.make_petition()
    several = cast("HttpResponse", visitor.get(broken)).content.decode()
    assert only_petition not in several
    assert f'<a class="button" href="/{language}/">' in " ".join(several.split())


@LANGUAGES
def test_all_lists_that_were_handed_over_are_named(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    link = ask(visitor, petition, mailbox, language)
    none = in_language("Lists already handed over cannot be recalled. So far there are none.", language)
    assert none in words(read(visitor, link))
    parliament = petition.recipients.get(profile="NAMES")
    for _ in range(2):
        auditing.record(actor=None, action=AuditAction.EXPORT_STARTED, petition=petition, target=parliament.pk)
    page = words(read(visitor, link))
    assert none not in page
    assert page.count({"en": "Parliament", "ru": "Парламент"}[language]) == 1
    assert str(datetime.now(UTC).year) in page


@LANGUAGES
def test_a_list_that_was_made_for_a_recipient_no_longer_there_is_named_all_the_same(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    gone = factories.make_recipient(petition, "Court", "Суд")
    auditing.record(actor=None, action=AuditAction.EXPORT_STARTED, petition=petition, target=gone.pk)
    gone.delete()
    link = ask(visitor, petition, mailbox, language)
    assert in_language("a recipient that is no longer on the list", language) in words(read(visitor, link))
    assert act(visitor, link, "WITHDRAW").status_code == 200


def test_the_link_is_opaque(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    signature = factories.make_signature(petition, address=ADDRESS)
    link = ask(visitor, petition, mailbox)
    assert bytes(signature.email_key or b"").hex() not in link
    assert ADDRESS not in link
    assert petition.slug not in link
    assert ask(visitor, petition, mailbox) != link
