"""What holds for every public page: no cookie, no needless variation, the agreed freshness, in every language."""

from __future__ import annotations

import gzip
import re
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

from signatures import tokens
from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.publishing.signers import cursor_of
from signatures.safeguarding import keys
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import page_of, read, words

LANGUAGES = ("en", "ru")
CACHED = "public, max-age=2, s-maxage=5"


def cached_pages(petition: Petition) -> list[str]:
    """Return the paths of pages that caches may keep for a few seconds."""
    names = ("petition", "thanks", "updates", "signers", "ledger", "deliveries")
    pages = [page_of(petition, name, language) for name in names for language in LANGUAGES]
    pages += [f"{page_of(petition, language=language)}text/1/" for language in LANGUAGES]
    pages += [f"/{language}/{page}" for language in LANGUAGES for page in ("", "privacy/", "accessibility/")]
    return [*pages, f"/api/petitions/{petition.slug}.json"]


def private_pages(petition: Petition) -> list[str]:
    """Return the paths of pages that nobody may keep."""
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
    links = [
        "confirm/",
        f"my-signature/{tokens.my_signature_token(subject)}/",
        f"no-mail/{tokens.no_mail_token(keys.mail_key('a@example.org'))}/",
    ]
    pages = [page_of(petition, name, language) for name in ("sent", "my_signature_request") for language in LANGUAGES]
    return pages + [f"/{language}/{link}" for language in LANGUAGES for link in links]


def missing_pages() -> list[str]:
    """Return the paths of pages that do not exist."""
    paths = ["confirm/-/", "my-signature/x/", "no-mail/x/", "petitions/unknown/", "unknown/"]
    return [f"/{language}/{path}" for language in LANGUAGES for path in paths]


def vary(answer: HttpResponse) -> set[str]:
    """Return what the answer says it depends on, in lower case."""
    return {word.strip().lower() for word in answer.headers.get("Vary", "").split(",") if word.strip()}


def test_no_public_page_sets_a_cookie_or_varies_on_anything_but_the_encoding(petition: Petition) -> None:
    client = Client(headers={"cookie": "session=abc; csrf=def; django_language=ru", "accept-language": "ru"})
    for path in cached_pages(petition) + private_pages(petition) + missing_pages():
        for method in (client.get, client.head, client.post):
            answer = cast("HttpResponse", method(path))
            assert "Set-Cookie" not in answer.headers, path
            assert not answer.cookies, path
            assert vary(answer) <= {"accept-encoding"}, (path, vary(answer))


def test_the_front_door_varies_on_the_language_too(petition: Petition) -> None:
    for header, language in (
        ("ru", "ru"),
        ("en", "en"),
        ("be, ru;q=0.8", "ru"),
        ("be-BY", "ru"),
        ("be, en;q=0.5", "ru"),
        ("de", "en"),
        ("de, ru;q=0.2", "ru"),
        ("", "en"),
    ):
        answer = cast("HttpResponse", Client().get("/", headers={"accept-language": header}))
        assert (answer.status_code, answer["Location"]) == (302, page_of(petition, language=language))
        assert "accept-language" in vary(answer)
        assert vary(answer) <= {"accept-language", "accept-encoding"}
        assert not answer.cookies


def test_the_front_door_leads_to_the_list_where_there_are_several_petitions(petition: Petition) -> None:
    draft = factories.make_petition(publish=False)
    assert Client().get("/")["Location"] == page_of(petition)
    other = factories.make_petition()
    assert Client().get("/", headers={"accept-language": "ru"})["Location"] == "/ru/"
    listed = read(Client(), "/ru/")
    assert page_of(petition, language="ru") in listed
    assert page_of(other, language="ru") in listed
    assert page_of(draft, language="ru") not in listed


def test_the_front_door_leads_to_an_empty_list_while_there_is_no_petition(db: None) -> None:
    factories.make_petition(status=PetitionStatus.DRAFT)
    assert Client().get("/")["Location"] == "/en/"
    assert "There is no petition here yet." in words(read(Client(), "/en/"))


def test_pages_for_everybody_may_be_kept_for_five_seconds(petition: Petition) -> None:
    client = Client()
    for path in cached_pages(petition):
        answer = client.get(path)
        assert answer.status_code == 200, path
        directives = {part.strip() for part in answer["Cache-Control"].split(",")}
        assert directives == {"public", "max-age=2", "s-maxage=5"}, path


def test_pages_for_one_person_may_not_be_kept(petition: Petition) -> None:
    client = Client()
    for path in private_pages(petition):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer["Cache-Control"] == "no-store", path


def test_answers_to_a_form_and_missing_pages_may_not_be_kept(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    answers = [factories.sign(visitor, petition), factories.sign(visitor, petition, email="nobody")]
    answers.append(factories.confirm(visitor, code_in(mailbox.deliver()[0])))
    answers += [cast("HttpResponse", visitor.post(path)) for path in private_pages(petition)]
    answers += [cast("HttpResponse", visitor.get(path)) for path in missing_pages()]
    answers.append(cast("HttpResponse", visitor.get(f"{page_of(petition, 'signers')}?after={cursor_of(5)}")))
    for answer in answers:
        assert answer["Cache-Control"] == "no-store", answer.status_code


def answers_to(paths: list[str], query: str = "") -> list[tuple[object, ...]]:
    """Return what a process that has kept nothing answers."""
    client = Client()
    return [factories.answer_facts(cast("HttpResponse", client.get(path + query))) for path in paths]


@pytest.mark.parametrize("query", ["?utm_source=x", "?after=", "?after=abc", "?x=%00", "?" + "x" * 2000, "?lang=ru"])
def test_an_unknown_query_string_gives_the_same_bytes(petition: Petition, query: str) -> None:
    factories.make_signature(petition, visibility="PUBLIC")
    paths = cached_pages(petition) + private_pages(petition)
    if "after" in query:
        paths = [path for path in paths if not path.endswith("/signers/")]
    assert answers_to(paths, query) == answers_to(paths)


def test_a_query_string_does_not_reach_the_kept_page(petition: Petition) -> None:
    client = Client()
    before = client.get(page_of(petition)).content
    factories.make_signature(petition)
    assert client.get(page_of(petition) + "?x=1").content == before


def test_head_answers_like_get_without_a_body(petition: Petition) -> None:
    getter, header = Client(), Client()
    for path in cached_pages(petition) + private_pages(petition) + missing_pages():
        get, head = getter.get(path), header.head(path)
        assert head.status_code == get.status_code, path
        assert head.content == b""
        for name in ("Cache-Control", "Content-Type", "Content-Language", "Vary"):
            assert head.headers.get(name) == get.headers.get(name), (path, name)


def test_a_page_is_the_same_whether_it_is_compressed_or_not(petition: Petition) -> None:
    client = Client()
    for path in cached_pages(petition):
        plain = client.get(path)
        small = client.get(path, headers={"accept-encoding": "gzip, br"})
        assert small.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(small.content) == plain.content
        assert len(small.content) < len(plain.content)


def test_each_page_says_its_language_and_loads_nothing_from_elsewhere(petition: Petition) -> None:
    client = Client()
    for path in cached_pages(petition) + private_pages(petition) + missing_pages():
        if path.startswith("/api/"):
            continue
        answer = client.get(path)
        page = answer.content.decode()
        language = path[1:3]
        assert answer["Content-Language"] == language
        assert f'<html lang="{language}">' in page
        loaded = re.findall(r'<(?:script|link|img|iframe|source|object)\b[^>]*?(?:src|href)="([^"]+)"', page)
        elsewhere = [url for url in loaded if not url.startswith("/") and not url.startswith("http://testserver/")]
        assert not elsewhere, path
        assert not re.search(r"<style|style=|\bon\w+=|<script(?![^>]*\bsrc=)", page), path


def test_the_promises_about_security_stand_in_every_answer(petition: Petition) -> None:
    client = Client()
    for path in cached_pages(petition) + private_pages(petition) + missing_pages():
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_public_names_are_listed_by_pages_and_kept_from_search_engines(ordinary: Petition) -> None:
    for number in range(205):
        factories.make_signature(ordinary, visibility="PUBLIC", name=f"Name <{number:03}>", reason="Why not")
    factories.make_signature(ordinary, visibility="DELIVERED", name="Delivered Only")
    factories.make_signature(
        ordinary, visibility="PUBLIC", name="Held Back", state="HELD", state_reason="SUSPICIOUS", ever_counted=False
    )
    path: str | None = page_of(ordinary, "signers")
    seen: list[str] = []
    pages = 0
    while path:
        answer = Client().get(path)
        assert answer["X-Robots-Tag"] == "noindex, noarchive"
        page = answer.content.decode()
        assert '<meta name="robots" content="noindex, noarchive">' in page
        assert "Why not" not in page
        seen += re.findall(r'class="signer" translate="no">(.*?)<', page)
        pages += 1
        after = re.search(r'href="(\?after=[\w-]+)"', page)
        path = page_of(ordinary, "signers") + after.group(1) if after else None
    assert pages == 3
    assert sorted(seen) == [escape(f"Name <{number:03}>") for number in range(205)]


@pytest.mark.parametrize("after", ["0", "1", "9" * 18, "9" * 19, "9" * 4000, "-1", "x", "١", "%00", "1e5", " 1"])
def test_no_place_in_the_list_breaks_it(petition: Petition, after: str) -> None:
    assert Client().get(f"{page_of(petition, 'signers')}?after={after}").status_code == 200


def test_sent_and_thanks_are_there_for_anybody(petition: Petition) -> None:
    for name in ("sent", "thanks"):
        for language in LANGUAGES:
            assert Client().get(page_of(petition, name, language)).status_code == 200


def test_a_page_shown_to_others_holds_nothing_of_the_form_sent_before(petition: Petition, visitor: Client) -> None:
    factories.sign(visitor, petition, name="Somebody Typed", email="nobody")
    assert "Somebody Typed" not in read(visitor, page_of(petition))


def test_no_line_of_an_english_page_ends_between_a_number_and_its_days_or_hours(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition)
    paths = [*cached_pages(petition), *private_pages(petition), *missing_pages()]
    paths.append(f"/en/confirm/{code_in(mailbox.deliver()[0])}/")
    answers = [visitor.get(path) for path in paths if path.startswith("/en/")]
    answers.append(visitor.post(page_of(petition, "my_signature_request"), {"email": "a@example.org"}))
    pages = [answer.content.decode() for answer in answers]
    assert [found for page in pages for found in re.findall(r"\d[ \n]+(?:days?|hours?)\b.*", page)] == []
    assert sum(len(re.findall(r"\d\N{NO-BREAK SPACE}(?:days|hours)\b", page)) for page in pages) >= 8


def test_the_privacy_page_says_the_numbers_of_the_code(petition: Petition) -> None:
    page = words(read(Client(), "/en/privacy/"))
    for sentence in ("give up after 48 hours", "deleted after 7 days", "within 14 days"):
        assert sentence in page
    assert "the group" in page
    assert "contact@example.org" in page


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "erased on 2 May 2099 (UTC) at the latest"), ("ru", "не позднее 2 мая 2099")]
)
def test_the_privacy_page_names_the_day_of_erasure_where_one_is_set(
    petition: Petition, language: str, sentence: str
) -> None:
    assert sentence not in words(read(Client(), f"/{language}/privacy/"))
    Petition.objects.update(erase_on="2099-05-02")
    assert sentence in words(read(Client(), f"/{language}/privacy/"))
