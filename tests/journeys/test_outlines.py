"""Outlines to begin a text with, without scripts: the form comes back filled in, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation

from signatures.models import AuditEntry, Petition, Update
from signatures.texts.html_printer import render_markdown
from signatures.texts.outlines import NEWS_OUTLINES, PETITION_OUTLINES, outline_in
from signatures.texts.remarks import remarks_on
from tests.support import factories
from tests.support.desk import change_path, shown_form
from tests.support.page_reading import read

LogIn = Callable[[str], Client]
ADD = "/admin/signatures/update/add/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who writes texts and sees no signer."""
    return organiser_client("Editors")


def test_an_outline_fills_one_field_and_stores_nothing(petition: Petition, editor: Client) -> None:
    typed = {"petition": str(petition.pk), "title_en": "Typed", "body_en": "", "body_ru": ""}
    assert 'name="_outline-body_en"' in read(editor, ADD)
    answer = editor.post(ADD, {**typed, "_outline-body_en": "handed_over"})
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    assert form["body_en"].value() == outline_in(NEWS_OUTLINES, "handed_over", "en")
    assert (form["title_en"].value(), form["body_ru"].value()) == ("Typed", "")
    assert 'class="errorlist' not in answer.content.decode()
    assert not Update.objects.exists()
    saved = {**typed, "body_en": form["body_en"].value(), "_save": "x"}
    assert editor.post(ADD, saved).status_code == 302


def test_what_was_written_is_never_replaced(petition: Petition, editor: Client) -> None:
    stored = petition.body_en
    page = read(editor, change_path(petition))
    assert 'name="_outline-body_en"' not in page
    form = shown_form(editor, change_path(petition)) | {"_outline-body_en": "city", "title_en": "Typed"}
    answer = editor.post(change_path(petition), form)
    assert answer.status_code == 200
    assert answer.context["adminform"].form["body_en"].value() == stored
    petition.refresh_from_db()
    assert petition.title_en != "Typed"
    assert not AuditEntry.objects.filter(action="PETITION_CHANGED").exists()


@pytest.mark.parametrize(
    ("name", "code"), [("_outline-slug", "city"), ("_outline-body_en", "nothing"), ("_outline-x", "")]
)
def test_nothing_but_an_outline_gets_into_nothing_but_a_text(editor: Client, name: str, code: str) -> None:
    draft = factories.make_petition(publish=False, body_en="")
    form = shown_form(editor, change_path(draft)) | {name: code}
    answer = editor.post(change_path(draft), form)
    assert answer.status_code == 200
    shown = answer.context["adminform"].form
    assert (shown["slug"].value(), shown["body_en"].value()) == (draft.slug, "")


def test_the_enter_key_saves_and_begins_no_outline(editor: Client) -> None:
    page = read(editor, ADD)
    assert page.index('name="_save"') < page.index('name="_outline-')


@pytest.mark.parametrize("language", ["en", "ru", "be"])
@pytest.mark.parametrize("outlines", [PETITION_OUTLINES, NEWS_OUTLINES], ids=["petition", "news"])
def test_every_outline_is_shown_as_it_is_meant(outlines: dict[str, object], language: str) -> None:
    for code in outlines:
        with translation.override("ru"):
            text = outline_in(outlines, code, language)  # type: ignore[arg-type]
        assert text.strip()
        assert remarks_on(text) == []
        assert "#" not in render_markdown(text)
        assert outline_in(outlines, f"{code}x", language) == ""  # type: ignore[arg-type]
