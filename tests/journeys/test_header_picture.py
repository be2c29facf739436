"""One picture above the title of a petition: uploaded at the desk, shown to everyone once the petition is public."""

from __future__ import annotations

import io
from collections.abc import Callable
from http import HTTPStatus

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from signatures.models import AuditEntry, Petition, Picture
from signatures.models.choices import PetitionStatus
from signatures.moderating.purging import purge_petition
from tests.support import factories
from tests.support.database import query
from tests.support.desk import change_path, errors_on, preview_path, save
from tests.support.page_reading import page_of, read, words
from tests.support.photographs import give_picture, photograph, promising, upload_form

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who writes texts and sees no signer."""
    return organiser_client("Editors")


def picture_page(petition: Petition) -> str:
    """Return the path of the page for the picture."""
    return f"/admin/signatures/petition/{petition.pk}/picture/"


def address(picture: Picture, size: str = "wide") -> str:
    """Return the public path of a picture."""
    return f"/picture/{picture.digest}/{size}.webp"


def test_a_picture_is_uploaded_and_stands_above_the_title(petition: Petition, editor: Client) -> None:
    assert picture_page(petition) in read(editor, change_path(petition))
    before = read(Client(), page_of(petition))
    done = editor.post(picture_page(petition), upload_form(photograph()), follow=True)
    assert "The picture is saved." in words(done.content.decode())
    picture = Picture.objects.get()
    for language, alt, caption in (
        ("en", "People with flowers", "Minsk, 2020"),
        ("ru", "Люди с цветами", "Минск, 2020"),
    ):
        page = read(Client(), page_of(petition, language=language))
        assert page.index(address(picture)) < page.index("<h1")
        assert f'width="{picture.wide_width}"' in page
        assert f'height="{picture.wide_height}"' in page
        assert f'alt="{alt}"' in page
        assert f'<figcaption class="small">{caption}</figcaption>' in page
    assert f"card.png?picture={picture.digest[:8]}" in read(Client(), page_of(petition))
    for size, width in (("narrow", picture.narrow_width), ("wide", picture.wide_width)):
        answer = Client().get(address(picture, size))
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, s-maxage=5, immutable"
        assert not answer.cookies
        with Image.open(io.BytesIO(answer.content)) as shown:
            assert (shown.width, shown.height) == (width, width * 9 // 16)
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.petition, entry.details) == ("PETITION_CHANGED", petition, {"fields": ["picture"]})
    editor.post(picture_page(petition), {"action": "remove"})
    assert read(Client(), page_of(petition)) == before


def test_shared_caches_keep_the_card_with_a_photograph_as_briefly_as_the_photograph(petition: Petition) -> None:
    assert "s-maxage=3600" in Client().get(page_of(petition, "card")).headers["Cache-Control"]
    give_picture(petition)
    assert "s-maxage=5" in Client().get(page_of(petition, "card")).headers["Cache-Control"].split(", ")


def test_words_are_changed_without_a_file_and_a_new_file_takes_the_old_ones_place(
    petition: Petition, editor: Client
) -> None:
    first = give_picture(petition)
    form = upload_form(None, alt_en="Many people with flowers")
    assert editor.post(picture_page(petition), form).status_code == HTTPStatus.FOUND
    assert Picture.objects.get().digest == first.digest
    assert 'alt="Many people with flowers"' in read(Client(), page_of(petition))
    assert editor.post(picture_page(petition), upload_form(photograph(900, 900))).status_code == HTTPStatus.FOUND
    second = Picture.objects.get()
    assert second.digest != first.digest
    assert Client().get(address(first)).status_code == 404
    assert Client().get(address(second)).status_code == 200


def test_removing_asks_first_and_says_what_is_gone(petition: Petition, editor: Client) -> None:
    picture = give_picture(petition)
    asked = words(read(editor, f"{picture_page(petition)}?remove"))
    assert "upload it again" in asked
    assert Picture.objects.exists()
    done = editor.post(picture_page(petition), {"action": "remove"}, follow=True)
    assert "The picture is removed." in words(done.content.decode())
    assert Client().get(address(picture)).status_code == 404
    recorded = AuditEntry.objects.count()
    editor.post(picture_page(petition), {"action": "remove"})
    assert AuditEntry.objects.count() == recorded


@pytest.mark.parametrize("missing", ["alt_en", "alt_ru"])
def test_it_is_described_in_every_language_of_the_petition(petition: Petition, editor: Client, missing: str) -> None:
    answer = save(editor, picture_page(petition), upload_form(photograph(), **{missing: " "}))
    assert answer.status_code == 422
    assert errors_on(answer)
    assert not Picture.objects.exists()
    english = factories.make_petition(languages=["en"])
    form = upload_form(photograph())
    del form["alt_ru"]
    assert editor.post(picture_page(english), form).status_code == HTTPStatus.FOUND
    with pytest.raises(IntegrityError, match="picture_described_in_a_language"), transaction.atomic():
        Picture.objects.update(alt_en="", alt_ru=None)


def test_a_file_is_needed_where_there_is_none_yet(petition: Petition, editor: Client) -> None:
    answer = save(editor, picture_page(petition), upload_form(None))
    assert answer.status_code == 422
    assert errors_on(answer)
    assert not Picture.objects.exists()


def test_the_picture_of_a_draft_is_seen_by_the_desk_alone(editor: Client) -> None:
    draft = factories.make_petition(publish=False)
    picture = give_picture(draft)
    assert Client().get(address(picture)).status_code == 404
    at_the_desk = f"/admin/signatures/petition/{draft.pk}/picture/wide.webp"
    assert at_the_desk in read(editor, preview_path(draft, "en"))
    answer = editor.get(at_the_desk)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().get(at_the_desk).status_code == HTTPStatus.FOUND
    assert editor.get(f"/admin/signatures/petition/{draft.pk}/picture/card.webp").status_code == 404
    Petition.objects.filter(pk=draft.pk).update(status=PetitionStatus.DRAFT)
    assert b"/picture/" not in Client().get("/en/").content


@pytest.mark.parametrize("path", ["0" * 32 + "/wide", "{}/card", "{}/alt", "{}/petition_id", "x/wide"])
def test_nothing_else_is_there(petition: Petition, path: str) -> None:
    picture = give_picture(petition)
    assert Client().get(f"/picture/{path.format(picture.digest)}.webp").status_code == 404


def test_it_stays_when_the_signers_data_is_erased(petition: Petition) -> None:
    picture = give_picture(petition)
    factories.make_signature(petition)
    Petition.objects.update(status=PetitionStatus.CLOSED)
    petition.refresh_from_db()
    purge_petition(petition=petition, reason="over", actor=None)
    assert Client().get(address(picture)).status_code == 200
    assert "<figure" in read(Client(), page_of(petition))


def test_it_belongs_to_no_version_of_the_text(petition: Petition) -> None:
    digest = petition.text_versions.get().digest
    give_picture(petition)
    factories.publish_next(petition)
    texts = query("SELECT string_agg(body.*::text, '') FROM signatures_textversionbody AS body")[0][0]
    assert "flowers" not in texts
    assert petition.text_versions.order_by("number").first().digest == digest  # type: ignore[union-attr]


def test_a_file_that_is_no_picture_gets_a_sentence_and_changes_nothing(petition: Petition, editor: Client) -> None:
    for content in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", promising(65_535, 65_535), photograph()[:900]):
        answer = save(editor, picture_page(petition), upload_form(content))
        assert answer.status_code == 422
        assert len(errors_on(answer)) == 1
    assert not Picture.objects.exists()
    assert not AuditEntry.objects.filter(details={"fields": ["picture"]}).exists()


def test_the_database_refuses_a_picture_that_is_too_heavy_for_the_page(petition: Petition) -> None:
    give_picture(petition)
    with pytest.raises(IntegrityError, match="picture_light_enough"), transaction.atomic():
        Picture.objects.update(wide=b"x" * 12_289)
    with pytest.raises(IntegrityError, match="picture_digest_known"), transaction.atomic():
        Picture.objects.update(digest="../../etc")
