"""Whatever page of the desk is opened, and whatever is done there, it speaks the organiser's language alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from signatures.models import Organiser, Petition, Update
from tests.support import desk, factories
from tests.support.attacks.routes import all_routes
from tests.support.every_route import fill
from tests.support.interface_texts import english_texts
from tests.support.mailbox import Mailbox
from tests.support.offered_languages import offer_languages
from tests.support.page_reading import read, words

pytestmark = pytest.mark.django_db(transaction=True)
# Addresses that need more than a page has, and lead elsewhere.
ELSEWHERE = {"view_on_site", "django.contrib.admin.sites.AdminSite.catch_all_view"}
# What somebody typed, what languages call themselves, and what programs are called by.
# The last two are codes of outlines.
KNOWN = {"Parliament", "News", "English", "Русский", "Беларуская", "Markdown", "city", "reply"}
DONE = {
    "ru": {
        "petition added": "Петиция «Свободу» добавлена.",
        "petition changed": "Изменения в петиции «Свободу» сохранены.",
        "and goes on": "Изменения в петиции «Свободу» сохранены. Можно править дальше.",
        "update added": "Новость «Слово» добавлена.",
        "update changed": "Изменения в новости «Слово» сохранены.",
        "account changed": "Изменения в учётной записи «anna» сохранены.",
        "account closed": "Учётная запись «anna» закрыта.",
    },
    "be": {
        "petition added": "Петыцыя «Свободу» дададзена.",
        "petition changed": "Змены ў петыцыі «Свободу» захаваны.",
        "and goes on": "Змены ў петыцыі «Свободу» захаваны. Можна правіць далей.",
        "update added": "Навіна «Слово» дададзена.",
        "update changed": "Змены ў навіне «Слово» захаваны.",
        "account changed": "Змены ва ўліковым запісе «anna» захаваны.",
        "account closed": "Уліковы запіс «anna» закрыты.",
    },
}
SPOKEN = pytest.mark.parametrize("language", list(DONE))


def page_of(response: object) -> str:
    """Return the HTML of a response, or of the page that it leads to."""
    return cast("HttpResponse", response).content.decode()


@pytest.fixture
def administrator(organiser_client: Callable[[str], Client]) -> Client:
    """Return the browser of somebody who may do everything."""
    return organiser_client("")


def test_every_page_that_an_administrator_opens_has_no_english_on_it(
    petition: Petition, administrator: Client, mailbox: Mailbox, settings: Settings
) -> None:
    site = fill(petition, mailbox, administrator)
    read(administrator, "/admin/")
    speak(settings, "ru")
    site.values["language"] = "ru"
    found: dict[str, list[str]] = {}
    seen = set()
    for route in all_routes():
        if route.is_admin and route.name not in ELSEWHERE:
            response = cast("HttpResponse", administrator.get(site.path_of(route)))
            if response.headers["Content-Type"].startswith("text/html"):
                seen.add(response.status_code)
                if english := english_texts(page_of(response), KNOWN):
                    found[route.name] = english
    assert found == {}
    assert seen == {200, 302, 403, 405}


@SPOKEN
def test_who_logs_in_or_out_or_is_refused_reads_no_english(
    petition: Petition, organiser_client: Callable[[str], Client], settings: Settings, language: str
) -> None:
    speak(settings, language)
    login = reverse("admin:login")
    editor = organiser_client("Editors")
    pages = {
        "login": Client().get(login),
        "refused": Client().post(login, {"username": "a", "password": "b"}),
        "nothing typed": Client().post(login, {}),
        "no right": editor.get(reverse("admin:signatures_auditentry_changelist")),
        "nowhere": editor.get("/admin/nowhere/"),
        "no such row": editor.get(reverse("admin:signatures_petition_change", args=[0]), follow=True),
        "new password": editor.post(reverse("admin:password_change"), {"old_password": "x"}),
        "logged out": editor.post(reverse("admin:logout"), follow=True),
    }
    found = {name: english_texts(page_of(page), KNOWN) for name, page in pages.items()}
    assert {name: english for name, english in found.items() if english} == {}


@SPOKEN
def test_what_was_done_is_said_in_whole_sentences(administrator: Client, settings: Settings, language: str) -> None:
    speak(settings, language)
    said = dict(outcomes(administrator, language))
    found = {name: english_texts(page, KNOWN) for name, page in said.items()}
    assert {name: english for name, english in found.items() if english} == {}
    for name, sentence in DONE[language].items():
        assert sentence in words(said[name]), name


def speak(settings: Settings, language: str) -> None:
    """Offer one language alone, and let all organisers speak it."""
    offer_languages(settings, language)
    Organiser.objects.update(language=language)


def outcomes(client: Client, language: str) -> Iterator[tuple[str, str]]:
    """Add, change and delete rows; yield what was done, and the page that tells of it."""

    def post(path: str, form: object) -> str:
        return page_of(client.post(path, form, follow=True))

    yield (
        "petition added",
        post(desk.ADD, desk.petition_form(**{f"title_{language}": "Свободу", "languages": [language]})),
    )
    petition = Petition.objects.get()
    change = desk.change_path(petition)
    yield "petition changed", post(change, desk.shown_form(client, change) | {"goal": "500"})
    yield "and goes on", post(change, desk.shown_form(client, change) | {"_continue": "on"})
    news = {f"{part}_{language}": "Слово" for part in ("title", "body")}
    yield "update added", post(reverse("admin:signatures_update_add"), news | {"petition": str(petition.pk)})
    update = reverse("admin:signatures_update_change", args=[Update.objects.get().pk])
    yield "update changed", post(update, desk.shown_form(client, update))
    account = {"username": "anna", "language": language, "where": "site"}
    role = str(factories.role_of("Editors").pk)
    yield "account added", post(reverse("admin:signatures_organiser_add"), account | {"role": role})
    anna = Organiser.objects.get(username="anna")
    form = {"language": language, "groups": role}
    yield "account changed", post(reverse("admin:signatures_organiser_change", args=[anna.pk]), form)
    yield "account closed", post(reverse("admin:organiser_close", args=[anna.pk]), {"reason": "Ушла"})
    yield "account opened", post(reverse("admin:organiser_open", args=[anna.pk]), {"reason": "Вернулась"})
    people = reverse("admin:petition_people", args=[petition.pk])
    yield "invited", post(people, {"action": "invite", "username": "lena", "language": language, "role": role})
    yield "role given", post(people, {"action": "give", "to-account": str(anna.pk), "to-role": role})
    yield "role taken", post(people, {"action": "take", "account": str(anna.pk)})
