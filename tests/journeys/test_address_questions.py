"""An address that looks like a slip is asked about without a script: one press keeps it or takes the better one."""

from __future__ import annotations

import re
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.models import Attempt, Petition
from signatures.publishing.deliveries import TYPED_MAX
from signatures.safeguarding.typed_addresses import TYPED_LENGTH_MAX
from signatures.tokens import CODE_TYPED_MAX
from tests.support import factories
from tests.support.address_questions import BUTTON, MEANT, SLIP, answers_on, form_on, sent_to
from tests.support.database import rows_per_table, rows_written
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import in_language, page_of, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
COUNTERS = "signatures_ratelimit"


@LANGUAGES
def test_the_better_address_is_taken_with_one_press_and_everything_typed_is_kept(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    before = rows_per_table()
    typed = {"email": SLIP, "name": 'Ян "Кот"', "country": "XK", "visibility": "PUBLIC"}
    asked = factories.sign(visitor, petition, language, **typed)
    assert (asked.status_code, asked["Cache-Control"]) == (422, "no-store")
    assert in_language("Did you mean {address}?", language).replace("{address}", MEANT) in words(asked)
    assert answers_on(asked) == [MEANT, SLIP]
    assert {table for table in rows_written(before) if table != COUNTERS} == set()
    form = form_on(asked, petition)
    assert {name: form[name] for name in typed} == typed
    answer = cast("HttpResponse", visitor.post(page_of(petition, language=language), form | {"email_choice": MEANT}))
    assert answer.status_code == 303
    assert sent_to(mailbox) == [MEANT]


@LANGUAGES
def test_what_was_typed_is_kept_with_one_press(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    asked = factories.sign(visitor, petition, language, email=SLIP)
    form = form_on(asked, petition) | {"email_choice": SLIP}
    assert visitor.post(page_of(petition, language=language), form).status_code == 303
    assert sent_to(mailbox) == [SLIP]


@pytest.mark.parametrize(("mended", "goes_to"), [("anna@example.org", "anna@example.org"), ("anna@gmall.com", None)])
def test_whoever_mends_it_by_hand_is_not_overruled_by_the_button(
    petition: Petition, visitor: Client, mailbox: Mailbox, mended: str, goes_to: str | None
) -> None:
    asked = factories.sign(visitor, petition, email=SLIP)
    for choice in answers_on(asked)[1:]:
        form = form_on(asked, petition) | {"email": mended, "email_choice": choice}
        answer = cast("HttpResponse", visitor.post(page_of(petition), form))
        assert answer.status_code == (303 if goes_to else 422)
    assert sent_to(mailbox) == ([goes_to] if goes_to else [])


def test_a_choice_that_was_not_offered_is_none(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    answer = factories.sign(visitor, petition, email=SLIP, email_choice="victim@example.org")
    assert answer.status_code == 422
    assert factories.sign(visitor, petition, email=MEANT, email_choice="victim@example.org").status_code == 303
    assert sent_to(mailbox) == [MEANT]


def test_the_first_button_which_a_key_presses_answers_nothing(petition: Petition, visitor: Client) -> None:
    page = factories.sign(visitor, petition, email=SLIP).content.decode()
    buttons = [tag for tag, _ in BUTTON.findall(page) if 'form="asking"' in tag]
    assert page.index(buttons[0]) < page.index('<form id="asking"')
    assert "name=" not in buttons[0]
    assert "email_choice" in buttons[1]


@pytest.mark.parametrize("choice", [MEANT, SLIP])
def test_another_mistake_does_not_make_it_ask_again(
    petition: Petition, visitor: Client, mailbox: Mailbox, choice: str
) -> None:
    wrong = factories.sign(visitor, petition, email=SLIP, email_choice=choice, country="")
    assert wrong.status_code == 422
    assert answers_on(wrong) == []
    form = form_on(wrong, petition)
    assert form["email"] == choice
    assert visitor.post(page_of(petition), form | {"country": "BY"}).status_code == 303
    assert sent_to(mailbox) == [choice]


def test_a_text_that_changed_meanwhile_does_not_make_it_ask_again(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    form = factories.sign_form(petition, email=SLIP, email_choice=SLIP)
    factories.publish_next(petition)
    changed = cast("HttpResponse", visitor.post(page_of(petition), form))
    assert changed.status_code == 422
    assert answers_on(changed) == []
    assert visitor.post(page_of(petition), form_on(changed, petition)).status_code == 303
    assert sent_to(mailbox) == [SLIP]


@LANGUAGES
def test_what_cannot_be_an_address_is_only_mended_never_kept(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    asked = factories.sign(visitor, petition, language, email="anna@gmail,com")
    assert in_language("Check the address, for example name@example.org", language) in words(asked)
    assert answers_on(asked) == [MEANT]
    form = form_on(asked, petition)
    assert form["email"] == "anna@gmail,com"
    assert visitor.post(page_of(petition, language=language), form | {"email_choice": MEANT}).status_code == 303
    assert sent_to(mailbox) == [MEANT]


@LANGUAGES
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("anna@example.newending", "We know of no address that ends in {ending}. Is it right?"),
        (
            "a" * 65 + "@example.org",
            "What stands before the @ is longer than most mail servers take. Is it right?",
        ),
        ("анна@gmail.com", "There are letters in this address that hardly any address has. Is it right?"),
        ("anna@gmaik.ry", "Did you mean another address?"),
    ],
)
def test_each_doubt_is_said_in_words_and_may_be_put_aside(
    petition: Petition, visitor: Client, language: str, typed: str, sentence: str
) -> None:
    asked = factories.sign(visitor, petition, language, email=typed)
    if "another address" not in sentence:
        assert in_language(sentence, language).replace("{ending}", ".newending") in words(asked)
        assert answers_on(asked) == [typed]
    form = form_on(asked, petition) | {"email_choice": answers_on(asked)[-1]}
    assert visitor.post(page_of(petition, language=language), form).status_code == 303


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("anna@xn--d1acpjx3f.xn--p1ag", "anna@яндекс.ру"),
        # It looks like the suggestion: which letter is another one is marked, and said.
        ("anna@gmail.xn--om-nmc", "anna@gmail.\N{CYRILLIC SMALL LETTER ES}om"),
    ],
)
def test_a_domain_is_shown_in_letters_and_sent_in_ascii(
    petition: Petition, visitor: Client, mailbox: Mailbox, typed: str, shown: str
) -> None:
    asked = factories.sign(visitor, petition, email=typed)
    assert answers_on(asked)[-1] == typed
    assert f"No, {shown} is right" in words(asked)
    form = form_on(asked, petition) | {"email_choice": typed}
    assert visitor.post(page_of(petition), form).status_code == 303
    assert sent_to(mailbox) == [typed]


@pytest.mark.parametrize(
    ("typed", "letter", "said"),
    [
        ("anna@gmail.xn--om-nmc", "с", "12 of what you typed is a Cyrillic letter"),
        ("ann\N{CYRILLIC SMALL LETTER A}@gmail.com", "а", "4 of what you typed is a Cyrillic letter"),
        (
            "\N{CYRILLIC SMALL LETTER A}nn\N{CYRILLIC SMALL LETTER A}@example.org",
            "а",
            "1, 4 of what you typed are Cyrillic letters",
        ),
        ("ann\N{GREEK SMALL LETTER ALPHA}@gmail.com", "α", "4 of what you typed is a Greek letter"),
    ],
)
def test_where_both_answers_look_the_same_the_letter_that_differs_is_named(
    petition: Petition, visitor: Client, typed: str, letter: str, said: str
) -> None:
    asked = factories.sign(visitor, petition, email=typed)
    assert len(answers_on(asked)) == 2
    kept = re.findall(r'<button class="button quiet".*?</button>', asked.content.decode(), re.DOTALL)[0]
    assert f"<mark>{letter}</mark>" in kept
    assert re.search(rf"{said} that only looks? like .*: {letter}\.", words(asked))


def test_the_answers_stand_below_the_question_and_the_field_points_to_them(petition: Petition, visitor: Client) -> None:
    asked = factories.sign(visitor, petition, email="anna@gmail,com", country="")
    page = asked.content.decode()
    question, answers = page.index("Did you mean"), page.index('class="answers"')
    assert question < answers < page.index('href="#id_country"')
    assert "name@example.org. Did you mean anna@gmail.com?" in words(asked)
    field = page[page.index('id="id_email_helptext"') : page.index('id="id_email"')]
    assert 'href="#error-summary"' in field
    assert "below" not in field


def test_endings_that_the_notice_advises_against_are_not_offered_first(petition: Petition, visitor: Client) -> None:
    offered = answers_on(factories.sign(visitor, petition, email="anna@mail"))
    assert len(offered) > 1
    advised_against = [address.endswith((".ru", ".by")) for address in offered]
    assert any(advised_against)
    assert advised_against == sorted(advised_against)


@LANGUAGES
def test_the_next_page_sends_nobody_back_to_a_page_that_was_an_answer(
    petition: Petition, visitor: Client, language: str
) -> None:
    page = words(visitor.get(page_of(petition, "sent", language)).content.decode())
    assert "Go back" not in page
    assert "Вернитесь" not in page


@LANGUAGES
def test_the_fields_take_as_much_as_is_read(petition: Petition, visitor: Client, language: str) -> None:
    page = cast("HttpResponse", visitor.get(page_of(petition, language=language))).content.decode()
    assert f'maxlength="{TYPED_LENGTH_MAX}"' in page
    page = visitor.get(reverse("confirm_entry", kwargs={"language": language})).content.decode()
    assert f'maxlength="{CODE_TYPED_MAX}"' in page
    page = cast("HttpResponse", visitor.get(page_of(petition, "deliveries", language))).content.decode()
    assert f'maxlength="{TYPED_MAX}"' in page


def test_invisible_characters_and_wrappings_make_no_second_signer(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    plain = "anna@example.org"
    for typed in (plain, "\u202aan\u00adna@exam\u200bple.org\u202c", f"Anna <{plain}>."):
        assert factories.sign(visitor, petition, email=typed).status_code == 303
        (mail,) = mailbox.deliver()
        assert str(mail["To"]) == plain
        factories.confirm(visitor, code_in(mail))
    assert petition.signatures.count() == 1
    assert not Attempt.objects.filter(confirmed_at=None).exists()
