"""What signers rely on is part of the text: nobody changes it for them but by publishing, and all see what changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from signatures.languages import site_languages
from signatures.models import Petition, Signature
from tests.support import factories, papers
from tests.support.desk import change_path, publish, publish_path, save, shown_form
from tests.support.hand_overs import download, grow_older, prepare
from tests.support.mailbox import Mailbox, text_of
from tests.support.name_lists import recipient_of
from tests.support.page_reading import page_of, read, words

LogIn = Callable[[str], Client]
EDITED = {
    "contact": "other@vyzvalenne.org",
    "responsible_body_en": "another group",
    "responsible_body_ru": "другая группа",
    "safety_notice_en": "another notice",
    "safety_notice_ru": "другое предупреждение",
    "asks_city": "on",
    "protection": "ORDINARY",
}
OF_PETITION = (
    *("petition", "sent", "thanks", "my_signature_request", "updates", "signers", "ledger", "ledger_json"),
    *("deliveries", "feed", "card", "qr", "badge"),
)
OF_SITE = ("", "privacy/", "accessibility/", "confirm/")
PROGRAMS = ("/sitemap.xml", "/robots.txt", "/.well-known/security.txt")
# Names of bodies and addresses stand there as nothing else does.
NEW = re.compile(
    r"another notice|другое предупреждение|another group|другая группа|other@vyzvalenne\.org|name=\"city\""
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who writes and may not publish."""
    return organiser_client("Editors")


def everything_public(petition: Petition) -> dict[str, bytes]:
    """Return every page, picture and file that anyone may read, asked of a process that has kept nothing."""
    paths = [page_of(petition, name, language) for name in OF_PETITION for language in site_languages()]
    paths += [page_of(petition, language=language) + "text/1/" for language in site_languages()]
    paths += [f"/{language}/{page}" for page in OF_SITE for language in site_languages()]
    paths += [reverse("api", kwargs={"slug": petition.slug}), *PROGRAMS]
    found = {}
    for path in paths:
        answer = Client().get(path)
        assert answer.status_code == 200, path
        found[path] = b"".join(line for line in answer.content.splitlines() if not line.startswith(b"Expires: "))
    found["warnings"] = repr(Client().get("/-/ready").json().get("warnings")).encode()
    return found


def edit(client: Client, petition: Petition, **values: str) -> None:
    """Change the petition at the desk."""
    form = {name: value for name, value in (shown_form(client, change_path(petition)) | values).items() if value}
    assert save(client, change_path(petition), form).status_code == 302


def test_what_an_editor_changes_shows_nowhere_until_somebody_publishes(
    petition: Petition, editor: Client, organiser: Client
) -> None:
    before = everything_public(petition)
    edit(editor, petition, **EDITED)
    petition.refresh_from_db()
    assert (petition.contact, petition.asks_city) == ("other@vyzvalenne.org", True)
    assert petition.protection == "GUARDED"
    assert everything_public(petition) == before
    assert editor.get(publish_path(petition)).status_code == 403
    assert editor.post(publish_path(petition), {"seen": ""}).status_code == 403
    assert publish(organiser, petition).status_code == 302
    after = everything_public(petition)
    changed = {path for path in before if after[path] != before[path]}
    expected = {page_of(petition, name, language) for name in ("petition", "card") for language in site_languages()}
    expected |= {f"/{language}/{page}/" for page in ("privacy", "accessibility") for language in site_languages()}
    assert expected | {"/.well-known/security.txt"} <= changed
    said = {path: set(NEW.findall(page.decode(errors="replace"))) for path, page in after.items()}
    assert said[page_of(petition)] == {"another notice", "another group", "other@vyzvalenne.org", 'name="city"'}
    assert said[page_of(petition, language="ru")] == {
        *("другое предупреждение", "другая группа", "other@vyzvalenne.org", 'name="city"')
    }
    for page in ("privacy", "accessibility"):
        assert said[f"/en/{page}/"] == {"another group", "other@vyzvalenne.org"}
        assert said[f"/ru/{page}/"] == {"другая группа", "other@vyzvalenne.org"}
    assert said["/.well-known/security.txt"] == {"other@vyzvalenne.org"}


@pytest.mark.parametrize("asks_city", [True, False])
def test_who_is_asked_for_the_city_is_decided_by_the_text_that_is_signed(
    editor: Client, organiser: Client, visitor: Client, asks_city: bool
) -> None:
    petition = factories.make_petition(asks_city=not asks_city)
    edit(editor, petition, asks_city="on" if asks_city else "")
    for is_stored in (not asks_city, asks_city):
        petition.attempts.all().delete()
        # Some of these are answered by a process that has looked the text up just before it was published.
        assert factories.sign(visitor, petition, city="Гродна").status_code == 303
        assert (petition.attempts.get().city_encrypted is not None) == is_stored
        publish(organiser, petition)


@pytest.mark.django_db(transaction=True)
def test_a_letter_says_what_was_published_and_a_list_has_the_columns_of_what_was_asked(
    petition: Petition, editor: Client, organiser: Client, tmp_path: Path
) -> None:
    factories.make_signature(petition, name="Аня Ўлашэнка")
    grow_older(petition)
    edit(editor, petition, **EDITED)

    def handed_over() -> tuple[str, str]:
        delivery = prepare(organiser, recipient_of(petition, "Parliament"), with_document="on")
        path = tmp_path / "petition.pdf"
        path.write_bytes(download(organiser, delivery, "petition.pdf"))
        return papers.text_of(path), download(organiser, delivery, "signatures.csv").decode().splitlines()[0]

    letter, header = handed_over()
    assert "contact@example.org" in letter
    assert "the group" in letter
    assert not NEW.search(letter)
    assert "city" not in header
    publish(organiser, petition)
    letter, header = handed_over()
    assert {"another group", "other@vyzvalenne.org"} <= set(NEW.findall(letter))
    assert "city" in header


def test_no_mail_says_what_was_not_published(
    petition: Petition, editor: Client, visitor: Client, mailbox: Mailbox, settings: Settings
) -> None:
    edit(editor, petition, **EDITED)
    factories.sign(visitor, petition)
    visitor.post(page_of(petition, "my_signature_request"), {"email": "a@example.org"})
    mails = mailbox.deliver()
    assert len(mails) == 2
    assert not [mail for mail in mails if NEW.search(text_of(mail)) or NEW.search(mail.as_string())]
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("contact", "contact@example.org", "other@vyzvalenne.org"),
        ("responsible_body_en", "the group", "another group"),
        ("responsible_body_ru", "группа", "другая группа"),
        ("asks_city", "Signers are not asked for it.", "Signers are asked for it."),
    ],
)
def test_each_change_is_told_before_publishing_and_may_be_the_only_one(
    petition: Petition, organiser_client: LogIn, field: str, before: str, after: str
) -> None:
    editor, organiser = organiser_client("Editors"), organiser_client("Organisers")
    told = words(read(organiser, publish_path(petition)))
    assert before in told
    assert "What signers rely on changes" not in told
    edit(editor, petition, **{field: EDITED[field]})
    page = read(organiser, publish_path(petition))
    assert "What signers rely on changes" in words(page)
    assert f"<del>{before}</del> <ins>{after}</ins>" in page
    assert (page.count("<ins>"), page.count("<del>")) == (1, 1)
    assert page.count("The words stay the same.") == 2
    assert publish(organiser, petition).status_code == 302
    for language in site_languages():
        shown = read(Client(), page_of(petition, language=language) + "text/2/")
        assert (shown.count("<ins>"), shown.count("<del>")) == (1, 1)
        # Whether the city is asked for is told in the language of the page.
        assert field == "asks_city" or f"<del>{before}</del> <ins>{after}</ins>" in shown
    assert factories.newest_version(petition).content["version"] == 2


def test_a_version_says_what_its_signers_rely_on_whatever_was_published_since(
    petition: Petition, editor: Client, organiser: Client
) -> None:
    edit(editor, petition, **EDITED)
    publish(organiser, petition)
    said = words(read(Client(), page_of(petition) + "text/1/"))
    for one in ("Protection Guarded: signers can be punished", "the group", "группа", "Contact contact@example.org"):
        assert one in said
    assert "City Signers are not asked for it." in said
    assert not NEW.search(said)
