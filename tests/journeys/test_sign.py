"""From the petition's page to the count, in every language."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.counting.folding import fold_tallies
from signatures.counting.reconciling import compare_tally
from signatures.models import Attempt, OutgoingMail, Petition, Signature, Tally
from signatures.models.choices import SignatureState, StateReason, TallyKind, Visibility
from signatures.signing.forms import HONEYPOT
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.database import let_attempts_grow_old
from tests.support.mailbox import Mailbox, code_in, paths_in, text_of
from tests.support.page_reading import chosen, in_language, page_of, read, words
from tests.support.tally_reading import counted

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
TITLES = {"en": "Freedom for all", "ru": "Свободу всем"}


@LANGUAGES
def test_a_visitor_reads_signs_opens_the_mail_confirms_and_is_counted(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.make_signature(petition)
    page = page_of(petition, language=language)
    text = read(visitor, page)
    assert TITLES[language] in text
    assert counted(petition) == "1"

    answer = factories.sign(visitor, petition, language, visibility="DELIVERED", name="  Аня  Ўлашэнка ", country="BY")
    assert (answer.status_code, answer["Location"]) == (303, f"{page}sent/")
    assert answer.content == b""
    sent = words(read(visitor, answer["Location"]))
    assert in_language("One step left.", language) in sent
    assert "no-reply@petition.example.org" in sent
    assert in_language("Please confirm your e-mail address", language) in sent
    assert counted(petition) == "1"
    assert Signature.objects.count() == 1

    (mail,) = mailbox.deliver()
    assert OutgoingMail.objects.count() == 0
    assert mail["Subject"] == in_language("Please confirm your e-mail address", language)
    link, stop = paths_in(mail)
    assert link == reverse("confirm", kwargs={"language": language, "code": code_in(mail)})
    assert stop.startswith(f"/{language}/no-mail/")
    before = list(Attempt.objects.values()), list(Tally.objects.values())
    shown = words(read(visitor, link))
    assert in_language("It isn’t counted yet.", language) in shown
    assert TITLES[language] in shown
    assert "Аня Ўлашэнка" in shown
    assert (list(Attempt.objects.values()), list(Tally.objects.values())) == before
    assert Signature.objects.count() == 1

    answer = factories.confirm(visitor, code_in(mail), language, visibility="DELIVERED")
    assert (answer.status_code, answer["Location"]) == (303, f"{page}thanks/")
    thanks = words(read(visitor, answer["Location"]))
    assert in_language("Thank you. Your signature is confirmed.", language) in thanks
    assert page_of(petition, "my_signature_request", language) in read(visitor, answer["Location"])
    assert counted(petition) == "2"

    signature = Signature.objects.latest("id")
    assert signature.name == "Аня Ўлашэнка"
    assert (signature.country, signature.language, signature.visibility) == ("BY", language, "DELIVERED")
    assert (signature.state, signature.source, signature.ever_counted) == ("CONFIRMED", "WEB", True)
    assert signature.text_version == factories.newest_version(petition)
    assert compare_tally(petition) == {}
    assert not visitor.cookies


@LANGUAGES
def test_the_other_language_is_one_link_away_on_each_page(petition: Petition, visitor: Client, language: str) -> None:
    other = {"en": "ru", "ru": "en"}[language]
    for name in ("petition", "sent", "thanks", "my_signature_request", "signers"):
        assert f'href="{page_of(petition, name, other)}"' in read(visitor, page_of(petition, name, language))


def test_nothing_is_chosen_for_the_visitor(petition: Petition, visitor: Client) -> None:
    page = cast("HttpResponse", visitor.get(page_of(petition)))
    assert chosen(page, "visibility") is None
    assert chosen(page, "consent") is None
    assert chosen(page, "country") in {None, ""}


def test_the_form_asks_in_the_agreed_order(petition: Petition, visitor: Client) -> None:
    factories.ask_for_city(petition)
    Petition.objects.update(countries_first=["PL", "BY", "UA"])
    text = read(visitor, page_of(petition))
    names = ["visibility", "name", "email", "country", "city", "consent", "version", HONEYPOT]
    places = [text.index(f'name="{name}"', text.index('id="sign"')) for name in names]
    assert places == sorted(places)
    assert [text.index(f'value="{choice}"') for choice in Visibility] == sorted(
        text.index(f'value="{choice}"') for choice in Visibility
    )
    countries = [text.index(f'<option value="{code}"') for code in ("BY", "PL", "UA", "AF", "LT", "US")]
    assert countries == sorted(countries)


@pytest.mark.parametrize("visibility", list(Visibility))
def test_each_choice_counts_as_one_signature(
    ordinary: Petition, visitor: Client, mailbox: Mailbox, visibility: Visibility
) -> None:
    factories.sign(visitor, ordinary, visibility=visibility.value, name="Zoë O’Neill-Łuk")
    (mail,) = mailbox.deliver()
    factories.confirm(visitor, code_in(mail), visibility=visibility.value)
    signature = Signature.objects.get()
    assert signature.visibility == visibility
    assert signature.name == (None if visibility == Visibility.COUNTED else "Zoë O’Neill-Łuk")
    assert counted(ordinary) == "1"
    listed = "Zoë O’Neill-Łuk" in words(read(Client(), page_of(ordinary, "signers")))
    assert listed == (visibility == Visibility.PUBLIC)
    assert list(Tally.objects.filter(kind=TallyKind.CONFIRMED).values_list("visibility", "amount")) == [(visibility, 1)]


def test_who_signs_for_no_one_needs_no_name_and_a_name_typed_is_never_stored(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    assert factories.sign(visitor, petition, visibility="COUNTED", name="").status_code == 303
    assert factories.sign(visitor, petition, visibility="COUNTED", name="Typed all the same").status_code == 303
    assert set(Attempt.objects.values_list("name_encrypted", flat=True)) == {None}
    shown = words(read(visitor, paths_in(mailbox.deliver()[0])[0]))
    assert "no name" in shown


@pytest.mark.parametrize(("visibility", "stored"), [("COUNTED", None), ("DELIVERED", "Нью-Ёрк"), ("PUBLIC", "Нью-Ёрк")])
def test_the_city_is_kept_where_it_is_asked_for_and_may_be(
    petition: Petition, visitor: Client, mailbox: Mailbox, visibility: str, stored: str | None
) -> None:
    factories.ask_for_city(petition)
    factories.sign(visitor, petition, visibility=visibility, city=" Нью-Ёрк\t")
    factories.confirm(visitor, code_in(mailbox.deliver()[0]), visibility=visibility)
    assert Signature.objects.get().city == stored


def test_a_city_that_is_not_asked_for_is_not_kept(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.sign(visitor, petition, city="Minsk")
    assert Attempt.objects.get().city_encrypted is None
    assert 'name="city"' not in read(visitor, page_of(petition))


def test_an_international_address_gets_its_mail(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.sign(visitor, petition, email="подпись@почта.рф")
    (mail,) = mailbox.deliver()
    assert mail["To"].addresses[0].domain == "xn--80a1acny.xn--p1ai"
    assert factories.confirm(visitor, code_in(mail)).status_code == 303


def test_another_spelling_of_an_address_is_the_same_signer(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    for address in ("some.body@gmail.com", "Somebody+petition@googlemail.com"):
        factories.sign(visitor, petition, email=address)
        factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    assert Signature.objects.count() == 1
    assert counted(petition) == "1"


def test_signing_again_replaces_what_was_said_before(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.sign(visitor, petition, email="a@example.org", visibility="PUBLIC", name="First", country="PL")
    factories.confirm(visitor, code_in(mailbox.deliver()[0]), reason="Because")
    factories.sign(visitor, petition, "ru", email="a@example.org", visibility="COUNTED", country="LT")
    factories.confirm(visitor, code_in(mailbox.deliver()[0]), "ru")
    signature = Signature.objects.get()
    assert (signature.visibility, signature.name, signature.reason, signature.country, signature.language) == (
        "COUNTED",
        None,
        None,
        "LT",
        "ru",
    )
    assert counted(petition) == "1"
    assert compare_tally(petition) == {}


def test_one_address_may_sign_two_petitions(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    other = factories.make_petition()
    for one in (petition, other):
        factories.sign(visitor, one, email="a@example.org")
    for mail in mailbox.deliver():
        factories.confirm(visitor, code_in(mail))
    first, second = Signature.objects.order_by("petition_id")
    assert (first.petition, second.petition) == (petition, other)
    assert bytes(first.email_key or b"") != bytes(second.email_key or b"")
    assert bytes(first.domain_key or b"") != bytes(second.domain_key or b"")


def test_a_filled_honeypot_gets_the_same_answer_and_the_signature_waits(
    ordinary: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    honest = factories.sign(visitor, ordinary, visibility="PUBLIC")
    program = factories.sign(visitor, ordinary, visibility="PUBLIC", **{HONEYPOT: "penguin"})
    assert factories.answer_facts(honest) == factories.answer_facts(program)
    honest_mail, program_mail = mailbox.deliver()
    assert text_of(honest_mail).splitlines()[0] == text_of(program_mail).splitlines()[0]
    answers = [factories.confirm(visitor, code_in(mail)) for mail in (honest_mail, program_mail)]
    assert factories.answer_facts(answers[0]) == factories.answer_facts(answers[1])
    held = Signature.objects.get(state=SignatureState.HELD)
    assert (held.state_reason, held.ever_counted) == (StateReason.HONEYPOT, False)
    assert counted(ordinary) == "1"
    assert words(read(Client(), page_of(ordinary, "signers"))).count("Алесь Пушкін") == 1


def test_a_doubtful_repetition_does_not_change_the_state_of_a_signature(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.make_signature(petition, address="a@example.org")
    factories.sign(visitor, petition, email="a@example.org", **{HONEYPOT: "penguin"})
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    assert Signature.objects.get().state == SignatureState.CONFIRMED
    assert counted(petition) == "1"


@pytest.mark.parametrize("state", [SignatureState.HELD, SignatureState.REMOVED])
def test_a_signature_that_does_not_count_takes_new_data_and_keeps_its_state(
    petition: Petition, visitor: Client, mailbox: Mailbox, state: SignatureState
) -> None:
    factories.make_signature(petition, address="a@example.org", state=state, state_reason=StateReason.INVENTED)
    factories.sign(visitor, petition, email="a@example.org", visibility="PUBLIC", name="New Name")
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    signature = Signature.objects.get()
    assert (signature.state, signature.state_reason, signature.name) == (state, StateReason.INVENTED, "New Name")
    assert counted(petition) == "0"
    fold_tallies()
    assert not Tally.objects.exclude(kind=TallyKind.SUBMITTED).exists()


def test_two_tabs_count_once(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    for name in ("First Tab", "Second Tab"):
        factories.sign(visitor, petition, email="a@example.org", name=name)
    first, second = mailbox.deliver()
    assert factories.confirm(visitor, code_in(second)).status_code == 303
    assert factories.confirm(visitor, code_in(first)).status_code == 404
    assert counted(petition) == "1"
    assert Signature.objects.get().name == "Second Tab"
    assert compare_tally(petition) == {}


def test_an_attempt_made_before_closing_may_still_be_confirmed(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition)
    Petition.objects.update(status="CLOSED")
    let_attempts_grow_old(timedelta(days=6, hours=23))
    answer = factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    assert urlsplit(answer["Location"]).path == page_of(petition, "thanks")
    assert read(visitor, answer["Location"])
    assert counted(petition) == "1"


def test_each_signature_points_at_the_text_that_its_signer_saw(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    seen = factories.newest_version(petition)
    factories.sign(visitor, petition)
    petition.title_en = "Another title"
    petition.save()
    publish_text(petition=petition, actor=None)
    (mail,) = mailbox.deliver()
    shown = words(read(visitor, paths_in(mail)[0]))
    assert "Freedom for all" in shown
    assert "Another title" not in shown
    factories.confirm(visitor, code_in(mail))
    assert Signature.objects.get().text_version == seen
