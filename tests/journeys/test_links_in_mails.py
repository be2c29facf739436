"""Links of mails as they are opened, with whatever was copied along, and opened again after they were used."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures import tokens
from signatures.models import Petition, Signature
from signatures.safeguarding import keys
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.page_reading import in_language, page_of, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
BEHIND = [")", ",", ">", "»", "!", ";", "'", '"', " ", "\u200b", "%20", "&gt;", "%3E", "…", "=20"]


def opened(client: Client, path: str) -> HttpResponse:
    """Return the page that a link leads to, as a browser follows it, in which a slash at its end may be missing."""
    answer = cast("HttpResponse", client.get(quote(path, safe="/%")))
    while answer.status_code == 301:
        answer = cast("HttpResponse", client.get(answer["Location"]))
    return answer


@pytest.mark.parametrize("behind", BEHIND)
def test_a_link_works_with_what_was_copied_along(
    petition: Petition, visitor: Client, mailbox: Mailbox, behind: str
) -> None:
    factories.sign(visitor, petition, visibility="COUNTED")
    confirm, stop = paths_in(mailbox.deliver()[0])
    visitor.post(page_of(petition, "my_signature_request"), {"email": "anna@example.org"})
    mine, _ = paths_in(mailbox.deliver()[-1])
    for path, title in (
        (confirm, "Confirm your signature."),
        (mine, "Lower the visibility, or withdraw the signature?"),
        (stop, "Shall we send no more mails to this address?"),
    ):
        page = opened(visitor, f"{path}{behind}")
        assert page.status_code == 200, path
        assert title in words(page)
    # The button sends the form to where it stands.
    answer = visitor.post(quote(f"{confirm}{behind}/", safe="/"), {"visibility": "COUNTED", "press": "x"})
    assert answer["Location"] == page_of(petition, "thanks")
    assert Signature.objects.count() == 1


@LANGUAGES
def test_the_whole_link_may_be_pasted_where_the_code_is_asked_for(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.sign(visitor, petition, language)
    mail = mailbox.deliver()[0]
    code = code_in(mail).replace("-", "")
    link = f"https://petition.example.org{paths_in(mail)[0]}"
    wrapped = f"https://safe.example.com/?url={quote(link, safe='')}&data={'x' * 300}"
    for typed in (link, f"<{link}>.", wrapped):
        answer = visitor.post(f"/{language}/confirm/", {"code": typed})
        assert answer["Location"] == f"/{language}/confirm/{code}/"
        assert visitor.get(answer["Location"]).status_code == 200


@LANGUAGES
def test_a_link_that_was_used_sends_nobody_to_sign_again_and_says_no_more_than_any_other(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.sign(visitor, petition, language)
    (mail,) = mailbox.deliver()
    factories.confirm(visitor, code_in(mail), language)
    used = opened(visitor, paths_in(mail)[0])
    assert used.status_code == 404
    message = (
        "Each link and each code works once, for 7\N{NO-BREAK SPACE}days. If you have pressed “Confirm signature” "
        "before, you are done: there is no need to sign again."
    )
    said = words(used)
    told = in_language(message, language).replace("\N{NO-BREAK SPACE}", " ")
    assert told in said
    only = in_language("Only if you have not confirmed yet, and no newer mail from us has come, sign again.", language)
    assert said.index(only) > said.index(told)
    unknown = opened(visitor, f"/{language}/confirm/{tokens.new_code()}/")
    assert factories.answer_facts(used) == factories.answer_facts(unknown)


def test_a_link_with_more_behind_it_is_told_from_no_other_that_does_not_work(petition: Petition) -> None:
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
    token = tokens.my_signature_token(subject)
    changed = f"{token[:60]}{'A' if token[60] != 'A' else 'B'}{token[61:]}"
    seen = {
        factories.answer_facts(opened(Client(), f"/en/my-signature/{one}/"))[2]
        for one in (changed, f"{changed})", token[:-1], f"{token[:40]}){token[40:]}", "-", ")")
    }
    assert len(seen) == 1
