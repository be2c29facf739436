"""A guarded petition in three languages beside one on a city park in English: each keeps to itself."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import zxingcpp
from django.conf import settings as site_settings
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from signatures.languages import name_of
from signatures.models import Petition
from tests.browser.conftest import OpenWindow, Window
from tests.support.desk import change_path, preview_path, publish_path
from tests.support.every_page import PAGES
from tests.support.hand_overs import checklist_path, delivery_path
from tests.support.mailbox import Mailbox, html_of, text_of
from tests.support.name_lists import content_of, export_path, order_list
from tests.support.offered_languages import offer_languages
from tests.support.page_reading import page_of
from tests.support.two_petitions import Leaks, Told, make_two, said_in_package

pytestmark = pytest.mark.django_db(transaction=True)
SITE = ("en", "ru", "be")
SOMEBODY = "somebody@example.net"
DESK_PAGES = (
    "petition_lead_petitioner",
    "petition_purge",
    "petition_link",
    "petition_duplicate",
    "petition_close",
    "petition_archive",
    "petition_delete_draft",
    "petition_rules",
    "petition_rule",
    "signatures_petition_history",
)
# What any petition can be chosen from.
CHOICES = "option, #changelist-filter"


@pytest.fixture
def organiser(organiser_client: Callable[[str], Client]) -> Client:
    """Return the browser of somebody who may do everything."""
    return organiser_client("")


@pytest.fixture
def leaks(site: str, settings: Settings, organiser: Client) -> Leaks:
    """Return two petitions on a site in three languages, and what is found of one in the other's places."""
    offer_languages(settings, *SITE)
    settings.FORM_RATES = ["10000/m"]
    return make_two(organiser)


def test_nothing_of_one_is_on_the_pages_in_the_mails_and_in_the_files_of_the_other(
    leaks: Leaks, open_window: OpenWindow, mailbox: Mailbox, organiser: Client
) -> None:
    window = open_window()
    read_what_shows_both(window, leaks)
    find_no_other_language(window, leaks.park)
    for told in (leaks.guarded, leaks.park):
        read_pages(window, leaks, told)
        read_for_programs(window, leaks, told)
    sign(window, leaks, leaks.park, "en", mailbox)
    for language in ("be", "ru"):
        sign(window, leaks, leaks.guarded, language, mailbox)
    close_both(window, leaks)
    desk = open_desk(open_window(scripts=False), organiser)
    for told in (leaks.guarded, leaks.park):
        read_desk(desk, leaks, told)
        read_files(desk, leaks, told, organiser)
    assert leaks.found == []
    assert leaks.places > 120
    assert window.real_problems() + desk.real_problems() == []


def read_what_shows_both(window: Window, leaks: Leaks) -> None:
    """See that the list, and the pages on the whole site, say of each petition what belongs there and nothing else."""
    for language in SITE:
        assert window.open(f"/{language}/") == 200
        assert shown(window, leaks, language, "title", "summary") == {"title": 2, "summary": 2}
        assert window.open(f"/{language}/privacy/") == 200
        # The title stands there again with the day of erasure.
        names = ("title", "responsible_body", "contact")
        assert shown(window, leaks, language, *names) == {"title": 4, "responsible_body": 2, "contact": 2}
        assert window.open(f"/{language}/accessibility/") == 200
        assert shown(window, leaks, language, "responsible_body", "contact") == {"responsible_body": 2, "contact": 2}


def find_no_other_language(window: Window, park: Told) -> None:
    """See that every page of the park leads from a language that its text does not have to the one that it has."""
    for name in PAGES:
        found = window.page.request.get(window.url + page_of(park.petition, name, "be"))
        assert (found.status, found.url) == (200, window.url + page_of(park.petition, name))
    assert window.open(page_of(park.petition, language="ru")) == 200
    assert window.page.url == window.url + page_of(park.petition)
    assert window.page.locator("html").get_attribute("lang") == "en"


def shown(window: Window, leaks: Leaks, language: str, *names: str) -> dict[str, int]:
    """Return how often each value stands on a page that shows both, and see that no other value of theirs does."""
    page, counts = window.page.locator("main"), dict.fromkeys(names, 0)
    said = page.inner_text()
    for told in (leaks.guarded, leaks.park):
        spoken = language if language in told.languages else "en"
        for name in names:
            value = told.petition.contact if name == "contact" else told.value(name, spoken)
            counts[name] += said.count(value)
            said = said.replace(value, "")
            for one in page.get_by_text(value).all() if name != "contact" else ():
                assert one.evaluate("one => one.closest('[lang]').lang") == spoken, (language, value)
        assert told.word not in said.casefold()
    return counts


def look(window: Window, leaks: Leaks, told: Told) -> None:
    """Look for the other petition on the page that is open, in what nobody sees, too."""
    leaks.look(told, window.page.url.removeprefix(window.url), window.page.content())


def public_paths(told: Told, language: str) -> Iterator[str]:
    """Yield the paths of a petition's pages."""
    yield from (page_of(told.petition, name, language) for name in PAGES)
    yield from (f"{page_of(told.petition, language=language)}text/{number}/" for number in (1, 2))


def read_pages(window: Window, leaks: Leaks, told: Told) -> None:
    """Open every page of a petition in each of its languages."""
    page, offered = window.page, [name_of(code) for code in SITE if code in told.languages]
    for language in told.languages:
        for path in public_paths(told, language):
            assert window.open(path) == 200, path
            look(window, leaks, told)
            assert page.locator("nav.languages li").all_inner_texts() == (offered if len(offered) > 1 else []), path
            if path == page_of(told.petition, language=language):
                read_form(window, told, language)
    for one in (leaks.guarded, leaks.park):
        window.open(f"{page_of(told.petition, 'deliveries')}?digest={one.digests['signatures.csv']}")
        assert page.locator("[role=status] .bad").count() == (one is not told)


def read_form(window: Window, told: Told, language: str) -> None:
    """See that the count and the countries that stand first are the petition's own, as is the notice."""
    page = window.page
    assert page.locator(".count-number strong").inner_text() == told.shown_count
    first = "all => all.map(one => one.value).filter(Boolean).slice(0, 2)"
    assert page.locator("select[name=country] option").evaluate_all(first) == list(told.countries)
    assert told.value("safety_notice", language) in page.locator(".warning").inner_text()


def read_for_programs(window: Window, leaks: Leaks, told: Told) -> None:
    """Ask for what programs read, and for the pictures."""
    other = leaks.other(told)
    (handed, _prepared), (strange, _) = told.deliveries, other.deliveries

    def ask(path: str) -> bytes:
        answer = window.page.request.get(window.url + path)
        assert answer.status == 200, path
        return answer.body()

    for language in told.languages:
        page = page_of(told.petition, language=language)
        for path in (f"{page}ledger.json", f"{page}deliveries/{handed.pk}/manifest.json"):
            leaks.look(told, path, ask(path).decode())
        assert window.page.request.get(f"{window.url}{page}deliveries/{strange.pk}/manifest.json").status == 404
        with Image.open(io.BytesIO(ask(f"{page}qr.png"))) as image:
            (code,) = zxingcpp.read_barcodes(image.convert("L"))
        assert code.text == window.url + page
        assert ask(f"{page}card.png") != ask(f"{page_of(other.petition, language=other.languages[-1])}card.png")
    path = reverse("api", kwargs={"slug": told.petition.slug})
    leaks.look(told, path, ask(path).decode())


def sign(window: Window, leaks: Leaks, told: Told, language: str, mailbox: Mailbox) -> None:
    """Sign, confirm, be thanked, and ask for the link to one's own signature."""
    page, petition = window.page, told.petition
    assert window.open(page_of(petition, language=language)) == 200
    page.locator("input[name=visibility][value=PUBLIC]").check()
    page.locator("input[name=name]").fill(told.value("signer_of", "the browser"))
    page.locator("input[name=email]").fill(SOMEBODY)
    page.locator("select[name=country]").select_option(told.countries[0])
    assert page.locator("input[name=city]").count() == petition.asks_city
    page.locator("input[name=consent]").check()
    press(window, leaks, told, "form[data-sign] button[type=submit]", page_of(petition, "sent", language))
    follow(window, leaks, told, mailbox)
    page.locator("[name=reason]").fill(told.value("reason"))
    press(window, leaks, told, "main form button[type=submit]", page_of(petition, "thanks", language))
    thanked(window, told, language)
    window.open(page_of(petition, "my_signature_request", language))
    page.locator("input[name=email]").fill(SOMEBODY)
    press(window, leaks, told, "main form button[type=submit]", page_of(petition, "my_signature_request", language))
    follow(window, leaks, told, mailbox)
    assert told.value("recipient_of_names", language) in page.locator("main").inner_text()


def press(window: Window, leaks: Leaks, told: Told, selector: str, path: str) -> None:
    """Press a button, and look at the page that it leads to."""
    window.page.locator(selector).last.click()
    window.page.wait_for_url(f"**{path}")
    window.page.wait_for_load_state()
    look(window, leaks, told)


def follow(window: Window, leaks: Leaks, told: Told, mailbox: Mailbox) -> None:
    """Read the one new mail, and open what it links to."""
    (mail,) = mailbox.deliver()
    said = said_in_mail(mail)
    leaks.look(told, f"the mail “{mail['Subject']}”", said)
    named = told.found_in(said)
    assert named == ({told.word} if told is leaks.park else set())
    found = re.search(rf"{re.escape(window.url)}/\S+", text_of(mail))
    assert found
    assert window.open(found.group(0)) == 200
    assert told.word in window.page.locator("main").inner_text().casefold()
    look(window, leaks, told)


def said_in_mail(mail: EmailMessage) -> str:
    """Return all that a mail says."""
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), text_of(mail), html_of(mail)])


def thanked(window: Window, told: Told, language: str) -> None:
    """See that the page after confirming has the petition's words, and the places that it can be passed on to."""
    said = window.page.locator("main").inner_text()
    assert told.value("thanks", language) in said
    assert told.value("sharing_notice", language) in said
    links = window.page.locator(".share-links a").evaluate_all("all => all.map(one => one.href)")
    starts = {"qoldra": ("https://t.me/",), "wexlim": ("https://www.facebook.com/", "mailto:")}[told.word]
    assert len(links) == len(starts)
    assert all(link.startswith(start) for link, start in zip(links, starts, strict=True))


def close_both(window: Window, leaks: Leaks) -> None:
    """Close the petitions, see the closing words of each, and open them again."""
    Petition.objects.update(status="CLOSED")
    for told in (leaks.guarded, leaks.park):
        for language in told.languages:
            window.open(page_of(told.petition, language=language))
            assert told.value("closing_words", language) in window.page.locator("main").inner_text()
            look(window, leaks, told)
    for language in SITE:
        window.open(f"/{language}/")
        expected = {"title": 2, "summary": 2, "closing_words": 2}
        assert shown(window, leaks, language, *expected) == expected
    Petition.objects.update(status="OPEN")


def open_desk(window: Window, organiser: Client) -> Window:
    """Let an organiser who is logged in use a window."""
    session = organiser.cookies[site_settings.SESSION_COOKIE_NAME]
    window.context.add_cookies([{"name": session.key, "value": session.value, "url": window.url}])
    return window


def desk_paths(told: Told) -> Iterator[str]:
    """Yield the paths of the desk's pages on one petition."""
    petition = told.petition
    yield from (change_path(petition), publish_path(petition), checklist_path(petition), export_path(petition))
    yield from (preview_path(petition, language) for language in told.languages)
    yield from (reverse(f"admin:{name}", args=[petition.pk]) for name in DESK_PAGES)
    yield f"{reverse('admin:signatures_signature_changelist')}?petition__id__exact={petition.pk}"
    for rows in (petition.signatures, petition.updates, petition.text_versions):
        row = rows.earliest("pk")
        yield reverse(f"admin:signatures_{row._meta.model_name}_change", args=[row.pk])
    yield from map(delivery_path, told.deliveries)


def read_desk(window: Window, leaks: Leaks, told: Told) -> None:
    """Open the desk's pages on a petition."""
    for path in desk_paths(told):
        assert window.open(path) == 200, path
        window.page.locator(CHOICES).evaluate_all("all => all.forEach(one => one.remove())")
        assert told.found_in(window.page.content()), path
        look(window, leaks, told)


def read_files(window: Window, leaks: Leaks, told: Told, organiser: Client) -> None:
    """Download the ZIP of each hand-over and the list for one's own work, and read every file."""
    names: set[str] = set()
    for delivery in told.deliveries:
        window.open(delivery_path(delivery))
        with window.page.expect_download() as download:
            window.page.locator("form:has(input[value=package]) input[type=submit]").click()
        for name, said in said_in_package(Path(download.value.path()).read_bytes()):
            leaks.look(told, f"{delivery.pk}: {name}", said)
            names.add(name)
    assert {"signatures.csv", "signatures.xlsx", "petition.pdf", "totals.csv", "README.txt", "manifest.json"} <= names
    content = content_of(order_list(organiser, told.deliveries[0].recipient, language=told.languages[0])).decode()
    assert told.word in content.casefold()
    leaks.look(told, "the list for one's own work", content)
