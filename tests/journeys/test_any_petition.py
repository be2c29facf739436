"""A petition says of dangers, countries and places what belongs to it, and nothing of what belongs to another."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from petition_site.site_identity import Logo
from signatures.models import Delivery, Petition, TextVersion
from signatures.models.choices import SharePlace
from signatures.models.protection import Protection
from signatures.texts.first_petition import load_first_petition
from tests.support import factories, papers
from tests.support.desk import change_path, errors_on, petition_form, publish, publish_path, save, shown_form
from tests.support.hand_overs import answer, download, grow_older, hand_over, prepare
from tests.support.mailbox import Mailbox, text_of
from tests.support.name_lists import recipient_of
from tests.support.page_reading import page_of, read, words

ADD = "/admin/signatures/petition/add/"
PAGES = ("petition", "thanks", "sent", "my_signature_request", "signers", "updates", "ledger", "deliveries")
# What belongs to the first petition alone.
OF_THE_FIRST = re.compile(
    r"Belarus|Беларус|Russia\b|Росси|\.by\b|punish|наказ|dismissal|уволить|political|политическ|Choose “No one”",
)
COUNTRY = re.compile(r'<option value="([A-Z]{2})"')
PLACE = re.compile(r'<ul class="share-links">.*?</ul>', re.DOTALL)
pytestmark = pytest.mark.django_db


@pytest.fixture
def first(db: None) -> Petition:
    """Return the petition that comes with the site."""
    petition = load_first_petition()
    assert petition is not None
    return petition


@pytest.fixture
def park(first: Petition) -> Petition:
    """Return a petition on a city park, beside the first one."""
    return factories.make_petition(
        protection=Protection.ORDINARY,
        title_en="Save the park",
        title_ru="Спасём парк",
        countries_first=["FR"],
        share_places=[SharePlace.EMAIL],
    )


def edit(client: Client, petition: Petition, **values: object) -> None:
    """Change the petition at the desk."""
    form = shown_form(client, change_path(petition)) | values
    assert save(client, change_path(petition), form).status_code == 302


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_page_of_a_petition_says_what_belongs_to_another(first: Petition, park: Petition, language: str) -> None:
    for name in PAGES:
        page = read(Client(), page_of(park, name, language))
        # Every country can be chosen.
        page = re.sub(r"<option.*?</option>", "", page, flags=re.DOTALL)
        assert OF_THE_FIRST.findall(page) == [], name
    for name in ("petition", "thanks"):
        assert OF_THE_FIRST.search(read(Client(), page_of(first, name, language)))
    warned = {
        "en": ["Choose “No one”.</strong>", "There, a signature"],
        "ru": ["Выберите «Никто».</strong>", "За подпись там"],
    }
    assert all(part in read(Client(), page_of(first, language=language)) for part in warned[language])
    shared = {"en": "in Belarus this can be punished", "ru": "в Беларуси за это могут наказать"}
    assert shared[language] in read(Client(), page_of(first, "thanks", language))


def test_nor_does_a_mail(park: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.sign(visitor, park)
    visitor.post(page_of(park, "my_signature_request"), {"email": "a@example.org"})
    assert [OF_THE_FIRST.findall(text_of(mail)) for mail in mailbox.deliver()] == [[], []]


@pytest.mark.django_db(transaction=True)
def test_a_letter_says_why_names_are_confidential_where_the_text_that_was_signed_does(
    organiser: Client, tmp_path: Path
) -> None:
    petition = factories.make_petition(
        protection=Protection.ORDINARY, confidentiality_en="The mayor must not know.", confidentiality_ru="Мэр."
    )
    plain = factories.make_petition(protection=Protection.ORDINARY)
    for one, says in ((petition, True), (plain, False)):
        factories.make_signature(one, name="Anna Meier")
        grow_older(one)
        delivery = prepare(organiser, recipient_of(one, "Parliament"), with_document="on")
        path = tmp_path / "petition.pdf"
        path.write_bytes(download(organiser, delivery, "petition.pdf"))
        letter = papers.text_of(path)
        readme = download(organiser, delivery, "README.txt").decode()
        assert ("The mayor must not know." in letter) == ("The mayor must not know." in readme) == says
        assert ("Мэр." in readme) == says
        assert "We ask you not to publish the names" in letter
        assert OF_THE_FIRST.findall(readme) == []
        assert "political" not in letter


def test_countries_that_are_chosen_come_first_in_the_form_also_where_it_is_shown_again(
    first: Petition, park: Petition, visitor: Client
) -> None:
    assert COUNTRY.findall(read(visitor, page_of(first)))[:8] == ["BY", "DE", "LT", "PL", "RU", "UA", "US", "AF"]
    assert COUNTRY.findall(read(visitor, page_of(first, language="ru")))[:3] == ["BY", "DE", "LT"]
    assert COUNTRY.findall(read(visitor, page_of(park)))[:3] == ["FR", "AF", "AX"]
    again = factories.sign(visitor, park, email="")
    assert again.status_code == 422
    assert COUNTRY.findall(again.content.decode())[:2] == ["FR", "AF"]
    assert factories.sign(visitor, park, country="BY").status_code == 303


def test_only_places_that_are_chosen_are_offered_for_sharing(first: Petition, park: Petition) -> None:
    for name in ("petition", "thanks"):
        (places,) = PLACE.findall(read(Client(), page_of(park, name)))
        assert places.count("<a ") == 1
        assert "mailto:" in places
    assert "vk.com" not in read(Client(), page_of(first, "thanks"))
    assert "t.me" in read(Client(), page_of(first, "thanks"))
    Petition.objects.update(share_places=[])
    page = read(Client(), page_of(park, "thanks"))
    assert not PLACE.search(page)
    assert "These links open another site" not in words(page)


def test_closing_words_and_thanks_hold_as_soon_as_they_are_saved_and_each_in_its_place(
    ordinary: Petition, organiser: Client
) -> None:
    said = {
        "thanks_en": "See you in the park.",
        "thanks_ru": "До встречи в парке.",
        "closing_words_en": "**We won.** The park stays.",
        "closing_words_ru": "**Мы победили.** Парк остаётся.",
    }
    edit(organiser, ordinary, **said)
    assert "See you in the park." in read(Client(), page_of(ordinary, "thanks"))
    assert "До встречи в парке." in read(Client(), page_of(ordinary, "thanks", "ru"))
    for path in (page_of(ordinary), "/en/"):
        assert "We won" not in read(Client(), path)
    edit(organiser, ordinary, status="CLOSED")
    assert "<strong>We won.</strong> The park stays." in read(Client(), page_of(ordinary))
    assert "<strong>Мы победили.</strong> Парк остаётся." in read(Client(), page_of(ordinary, language="ru"))
    assert "We won. The park stays." in words(read(Client(), "/en/"))
    assert "Мы победили. Парк остаётся." in words(read(Client(), "/ru/"))


def test_a_notice_shows_once_it_is_published_and_its_change_is_told(ordinary: Petition, organiser: Client) -> None:
    notices = {
        "safety_notice_en": "**Take care.** The mayor reads this.",
        "safety_notice_ru": "**Осторожно.** Это читает мэр.",
        "sharing_notice_en": "Not by post.",
        "sharing_notice_ru": "Не по почте.",
    }
    edit(organiser, ordinary, **notices)
    assert "Take care" not in read(Client(), page_of(ordinary))
    assert "The mayor reads this." in words(read(organiser, publish_path(ordinary)))
    publish(organiser, ordinary)
    assert "<strong>Take care.</strong> The mayor reads this." in read(Client(), page_of(ordinary))
    assert "<strong>Осторожно.</strong> Это читает мэр." in read(Client(), page_of(ordinary, language="ru"))
    assert "Not by post." in read(Client(), page_of(ordinary, "thanks"))
    version = factories.newest_version(ordinary)
    assert version.content["bodies"]["en"]["safety_notice"] == "**Take care.** The mayor reads this."
    assert "confidentiality" not in version.content["bodies"]["en"]
    assert "The mayor reads this." in words(read(Client(), page_of(ordinary) + "text/2/"))
    assert "Not by post." not in words(read(Client(), page_of(ordinary) + "text/1/"))


def test_the_desk_proposes_the_words_of_a_case_in_every_language(organiser: Client) -> None:
    proposed = {case: shown_form(organiser, f"{ADD}?protection={case}") for case in Protection.values}
    assert shown_form(organiser, ADD) == shown_form(organiser, f"{ADD}?protection=nothing") == proposed["GUARDED"]
    assert [form["protection"] for form in proposed.values()] == list(proposed)
    assert "political views" in proposed["GUARDED"]["consent_en"]
    assert "политических взглядах" in proposed["GUARDED"]["consent_ru"]
    for name in ("safety_notice", "sharing_notice", "confidentiality"):
        for language in ("en", "ru"):
            assert proposed["GUARDED"][f"{name}_{language}"]
            assert not proposed["ORDINARY"][f"{name}_{language}"]
    assert not OF_THE_FIRST.search(proposed["ORDINARY"]["consent_en"] + proposed["ORDINARY"]["consent_ru"])
    assert "Belarus" not in str(proposed)
    for form in proposed.values():
        assert set(form["share_places"]) == set(SharePlace.values) - {"VK"}


def test_what_is_chosen_for_countries_and_places_is_kept_and_what_is_unknown_refused(organiser: Client) -> None:
    chosen = {**petition_form(), "countries_first": ["LV", "EE"], "share_places": ["X", "EMAIL"]}
    assert save(organiser, ADD, chosen).status_code == 302
    petition = Petition.objects.get()
    assert (sorted(petition.countries_first), sorted(petition.share_places)) == (["EE", "LV"], ["EMAIL", "X"])
    boxes = re.findall(r'name="countries_first" value="([A-Z]{2})"', read(organiser, change_path(petition)))
    assert boxes[:2] == ["EE", "LV"]
    for name in ("countries_first", "share_places"):
        refused = save(organiser, change_path(petition), chosen | {name: ["ZZZ"]})
        assert refused.status_code == 200
        assert any("ZZZ" in error for error in errors_on(refused))


def test_a_guarded_petition_without_a_safety_notice_is_remarked_before_it_is_published(
    petition: Petition, ordinary: Petition, organiser: Client
) -> None:
    remark = "Signers can be punished, and no safety notice tells them so in every language."
    assert remark in words(read(organiser, publish_path(petition)))
    assert remark not in words(read(organiser, publish_path(ordinary)))
    edit(organiser, petition, safety_notice_en="Take care.", safety_notice_ru="Осторожно.")
    assert remark not in words(read(organiser, publish_path(petition)))


@pytest.mark.django_db(transaction=True)
def test_the_list_tells_which_petition_is_open_closed_or_answered(
    ordinary: Petition, organiser: Client, grown: Callable[[Petition], Delivery]
) -> None:
    closed = factories.make_petition(protection=Protection.ORDINARY)
    Petition.objects.filter(pk=closed.pk).update(status="CLOSED")
    delivery = grown(ordinary)

    def states() -> dict[str, list[str]]:
        entries = re.findall(r'<article class="entry">(.*?)</article>', read(Client(), "/en/"), re.DOTALL)
        return {
            re.findall(r'href="([^"]+)"', entry)[0]: re.findall(r'class="state[^"]*">([^<]+)<', entry)
            for entry in entries
        }

    assert states() == {page_of(ordinary): ["Open"], page_of(closed): ["Closed"]}
    answer(organiser, delivery)
    assert states() == {page_of(ordinary): ["Open", "Answered by a recipient"], page_of(closed): ["Closed"]}


@pytest.fixture
def grown(organiser: Client) -> Callable[[Petition], Delivery]:
    """Return a function that hands a petition's names over."""

    def hand(petition: Petition) -> Delivery:
        factories.make_signature(petition)
        grow_older(petition)
        return hand_over(organiser, recipient_of(petition, "Parliament"))

    return hand


def test_the_name_of_whoever_runs_the_site_and_a_logo_stand_on_every_page(
    ordinary: Petition, settings: Settings, organiser: Client
) -> None:
    assert 'class="brand"' not in read(Client(), "/en/")
    settings.SITE_NAME = "Friends of <the> park"
    settings.SITE_LOGO = Logo(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "0123456789abcdef")
    for path in ("/en/", "/ru/privacy/", page_of(ordinary, "thanks"), "/en/nothing-there/"):
        page = Client().get(path).content.decode()
        assert "Friends of &lt;the&gt; park" in page
        assert 'src="/logo/0123456789abcdef"' in page
    shown = Client().get("/logo/0123456789abcdef")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/svg+xml")
    assert "immutable" in shown.headers["Cache-Control"]
    assert shown.content.startswith(b"<svg")
    assert Client().get("/logo/0123456789abcdee").status_code == 404
    assert 'property="og:site_name" content="Friends of &lt;the&gt; park"' in read(Client(), page_of(ordinary))


def test_a_text_that_is_published_keeps_its_notices(first: Petition) -> None:
    version = TextVersion.objects.get()
    Petition.objects.update(safety_notice_en="", safety_notice_ru="")
    assert version.bodies.get(language="en").safety_notice.startswith("**Do you live in Belarus")
    assert "Do you live in Belarus" in read(Client(), page_of(first))
