"""A petition in English alone beside one in English and Russian: each has its own languages, everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver

from signatures import tokens
from signatures.models import Attempt, OutgoingMail, Petition, Signature
from signatures.models.protection import Protection
from signatures.safeguarding import keys
from signatures.texts.publishing import publish_text
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.mailbox import Mailbox, code_in, paths_in, text_of
from tests.support.page_reading import page_of, read, words

pytestmark = pytest.mark.django_db
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
SWITCH = re.compile(r'<nav class="languages".*?</nav>', re.DOTALL)
ALTERNATE = re.compile(r'<link rel="alternate"\s+hreflang="([^"]+)"\s+href="([^"]+)"')


@pytest.fixture
def english(db: None) -> Petition:
    """Return an open petition in English alone; its mails name it."""
    return factories.make_petition(languages=["en"], protection=Protection.ORDINARY)


def addresses(petition: Petition, language: str) -> Iterator[str]:
    """Yield every address below a petition's own."""
    for route in all_routes(get_resolver().url_patterns):
        if route.pattern.startswith("/{language}/petitions/{slug}/"):
            yield route.pattern.format(language=language, slug=petition.slug, number=1)


def speak_russian(petition: Petition, *languages: str) -> None:
    """Write the petition's draft in Russian, too, and publish it in these languages."""
    petition.refresh_from_db()
    petition.languages = list(languages)
    for name, (_english, russian) in factories.TEXTS.items():
        setattr(petition, f"{name}_ru", russian)
    petition.save()
    petition.recipients.filter(name_en="Parliament").update(name_ru="Парламент")
    petition.recipients.filter(name_en="Government").update(name_ru="Правительство")
    publish_text(petition=petition, actor=None)


def test_every_address_in_a_language_that_the_text_does_not_have_leads_to_the_same_page_in_one_that_it_has(
    english: Petition, petition: Petition
) -> None:
    found = list(addresses(english, "ru"))
    assert len(found) > 12
    for path in found:
        answer = Client().get(f"{path}?digest=abc&x=%D0%B6")
        assert answer.status_code == 302, path
        expected = path.replace("/ru/", "/en/")
        assert answer.headers["Location"] == f"{expected}?digest=abc&x=%D0%B6"
        assert answer.headers["Cache-Control"] == "no-store"
        assert Client().head(path).status_code == 302
    assert Client().get("/ru/petitions/nothing/").status_code == 404
    for path in addresses(petition, "ru"):
        assert Client().get(path).status_code in {200, 404}, path


def test_a_form_that_is_sent_in_such_a_language_is_sent_on_as_it_is_and_signs_in_the_languages_of_the_text(
    english: Petition,
) -> None:
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    sent_on = factories.sign(visitor, english, "ru", email="a@example.org")
    assert (sent_on.status_code, sent_on.headers["Location"]) == (307, page_of(english))
    assert not Attempt.objects.exists()
    form = factories.sign_form(english, email="a@example.org")
    followed = visitor.post(page_of(english, language="ru"), form, follow=True)
    assert followed.redirect_chain == [(page_of(english), 307), (page_of(english, "sent"), 303)]
    assert Attempt.objects.get().language == "en"


def test_lists_show_it_in_its_own_language_and_say_so(english: Petition, petition: Petition) -> None:
    page = read(Client(), "/ru/")
    assert re.search(rf'<h2 lang="en">\s*<a href="{page_of(english)}" hreflang="en">Freedom for all</a>', page)
    assert f'<a href="{page_of(petition, language="ru")}" hreflang="ru">Свободу всем</a>' in page
    assert '<p lang="en">We ask for freedom.</p>' in page
    assert "<p>Мы просим свободы.</p>" in page
    assert f'<span lang="en"><a href="{page_of(english)}">Freedom for all</a>: the group</span>' in read(
        Client(), "/ru/privacy/"
    )
    assert '<span lang="en">the group</span>' in read(Client(), "/ru/accessibility/")
    assert 'lang="en"' not in SWITCH.sub("", read(Client(), "/en/")).replace('<html lang="en">', "").replace(
        'hreflang="en"', ""
    )


def test_the_header_offers_the_languages_of_the_page_and_none_where_there_is_one(
    english: Petition, petition: Petition
) -> None:
    for path in (page_of(english), page_of(english, "ledger"), f"{page_of(english)}text/1/"):
        page = read(Client(), path)
        assert not SWITCH.search(page)
        assert dict(ALTERNATE.findall(page)).keys() <= {"en", "x-default"}
    assert dict(ALTERNATE.findall(read(Client(), page_of(english)))) == {
        code: f"http://testserver{page_of(english)}" for code in ("en", "x-default")
    }
    for path in ("/ru/", page_of(petition, language="ru"), "/ru/confirm/"):
        switch = " ".join("".join(SWITCH.findall(read(Client(), path))).split())
        assert words(switch) == "English Русский"
        assert f'href="{path.replace("/ru/", "/en/")}" lang="en" hreflang="en">English<' in switch
        assert '<span aria-current="true">Русский</span>' in switch
    assert dict(ALTERNATE.findall(read(Client(), page_of(petition, language="ru")))) == {
        "en": f"http://testserver{page_of(petition)}",
        "ru": f"http://testserver{page_of(petition, language='ru')}",
        "x-default": f"http://testserver{page_of(petition)}",
    }


def test_programs_are_told_of_the_languages_that_there_are(english: Petition) -> None:
    found = read(Client(), "/sitemap.xml")
    assert f"<loc>http://testserver{page_of(english)}</loc>" in found
    assert "/ru/petitions/" not in found
    assert "<loc>http://testserver/ru/</loc>" in found
    lead = Client().get("/", headers={"accept-language": "ru, be;q=0.5"})
    assert lead.headers["Location"] == page_of(english)
    titles = Client().get(f"/api/petitions/{english.slug}.json").json()["titles"]
    assert titles == {"en": "Freedom for all"}


def test_nothing_that_a_signer_reads_of_it_is_in_another_language(english: Petition, mailbox: Mailbox) -> None:
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    assert factories.sign(visitor, english).status_code == 303
    (mail,) = mailbox.deliver()
    assert "Freedom for all" in text_of(mail)
    assert (mail["Content-Language"], paths_in(mail)[0][:4]) == ("en", "/en/")
    code = code_in(mail)
    assert "<dd>\n          Freedom for all" in read(visitor, f"/en/confirm/{code}/")
    assert '<dd lang="en">\n          Freedom for all' in read(visitor, f"/ru/confirm/{code}/")
    for path in addresses(english, "en"):
        answer = Client().get(path)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            assert not CYRILLIC.search(SWITCH.sub("", answer.content.decode())), path
    assert factories.confirm(visitor, code).status_code == 303
    assert Signature.objects.get().language == "en"


def test_a_mail_in_a_language_that_the_text_has_lost_names_it_in_its_first_and_its_link_leads_on(
    mailbox: Mailbox,
) -> None:
    petition = factories.make_petition(protection=Protection.ORDINARY)
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    assert factories.sign(visitor, petition, "ru").status_code == 303
    Petition.objects.update(languages=["en"], body_en="Another text.")
    petition.refresh_from_db()
    publish_text(petition=petition, actor=None)
    (mail,) = mailbox.deliver()
    assert CYRILLIC.search(text_of(mail))
    assert "Freedom for all" in text_of(mail)
    # What was signed was the text of then, in English and Russian.
    assert "Свободу всем" in read(visitor, paths_in(mail)[0])
    assert factories.confirm(visitor, code_in(mail), "ru").status_code == 303
    assert Signature.objects.get().language == "ru"
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
    path = f"my-signature/{tokens.my_signature_token(subject)}/"
    assert visitor.get(f"/ru/{path}").headers["Location"] == f"/en/{path}"
    sent_on = visitor.post(f"/ru/{path}", {"action": "WITHDRAW"})
    assert (sent_on.status_code, sent_on.headers["Location"]) == (307, f"/en/{path}")
    assert not OutgoingMail.objects.exists()


def test_a_language_that_a_later_text_adds_or_takes_away_is_told_and_earlier_texts_stay_as_they_were(
    english: Petition,
) -> None:
    first = factories.newest_version(english)
    assert first.content["bodies"].keys() == {"en"}
    assert {recipient["name"]["en"] for recipient in first.content["recipients"]} == {"Parliament", "Government"}
    assert all(recipient["name"].keys() == {"en"} for recipient in first.content["recipients"])
    speak_russian(english, "en", "ru")
    second = factories.newest_version(english)
    assert (second.number, second.languages) == (2, ["en", "ru"])
    assert "Свободу всем" in read(Client(), page_of(english, language="ru"))
    told = words(read(Client(), f"{page_of(english)}text/2/"))
    assert "Languages of the text English English, Русский" in told
    assert "English The words stayed the same. Русский The previous version was not in this language." in told
    # A text of before stands there as it was, in whatever language its page is.
    earlier = read(Client(), f"{page_of(english, language='ru')}text/1/")
    assert "Freedom for all" in earlier
    assert "Languages of the text" not in words(read(Client(), f"{page_of(english)}text/1/"))
    assert earlier.count("<article") == 1
    speak_russian(english, "ru")
    assert Client().get(page_of(english)).headers["Location"] == page_of(english, language="ru")
    told = words(read(Client(), f"{page_of(english, language='ru')}text/3/"))
    assert "English, Русский Русский" in told
    first.refresh_from_db()
    assert first.content["bodies"].keys() == {"en"}
