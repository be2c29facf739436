"""News of a campaign: written in each of its languages at the desk, read by anyone once they are published."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from signatures.models import AuditEntry, Petition, Update
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.desk import errors_on, save
from tests.support.page_reading import in_language, page_of, read, words

LogIn = Callable[[str], Client]
ADD = "/admin/signatures/update/add/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who writes texts and sees no signer."""
    return organiser_client("Editors")


def form(of: Petition, **values: str | None) -> dict[str, str]:
    """Return a filled-in form for a piece of news; a value of None leaves its field out."""
    filled = {
        "petition": str(of.pk),
        "title_en": "Handed over in Brussels",
        "title_ru": "Передано в Брюсселе",
        "body_en": "The **list** lies with the committee.",
        "body_ru": "**Список** у комитета.",
        **values,
    }
    return {name: value for name, value in filled.items() if value is not None}


def written(petition: Petition, client: Client, **values: str | None) -> Update:
    """Write a piece of news at the desk, and return it."""
    answer = save(client, ADD, form(petition, **values))
    assert answer.status_code == 302, errors_on(answer)
    return Update.objects.latest("id")


def published(petition: Petition, client: Client, **values: str | None) -> Update:
    """Write a piece of news at the desk, publish it, and return it."""
    update = written(petition, client, **values)
    assert decide(client, update, "now").status_code == 302
    return update


def decide(client: Client, update: Update, action: str, **values: str) -> HttpResponse:
    """Press a button of the page for publishing."""
    return save(client, f"/admin/signatures/update/{update.pk}/publish/", {"action": action, **values})


def actions() -> list[str]:
    """Return what the audit log tells of updates, the oldest first."""
    kinds = [AuditAction.UPDATE_CHANGED, AuditAction.UPDATE_PUBLISHED, AuditAction.UPDATE_TAKEN_BACK]
    return list(AuditEntry.objects.filter(action__in=kinds).order_by("id").values_list("action", flat=True))


@pytest.mark.parametrize(
    ("language", "headline", "text"),
    [
        ("en", "Handed over in Brussels", "The list lies with the committee."),
        ("ru", "Передано в Брюсселе", "Список у комитета."),
    ],
)
def test_news_is_read_in_every_language_and_named_on_the_petitions_page(
    petition: Petition, editor: Client, language: str, headline: str, text: str
) -> None:
    address = page_of(petition, "updates", language)
    assert in_language("There is no news of this campaign yet.", language) in words(read(Client(), address))
    published(petition, editor, title_en="Older", title_ru="Старше")
    published(petition, editor)
    page = read(Client(), address)
    assert page.index(headline) < page.index("Older" if language == "en" else "Старше")
    assert text in words(page)
    assert "<strong>" in page
    assert headline in words(read(Client(), page_of(petition, language=language)))
    assert actions() == ["UPDATE_CHANGED", "UPDATE_PUBLISHED"] * 2


def test_a_draft_is_seen_by_the_desk_alone_and_what_was_published_can_be_taken_back(
    petition: Petition, editor: Client
) -> None:
    update = written(petition, editor)
    page = f"/admin/signatures/update/{update.pk}/change/"
    assert "Handed over" not in read(Client(), page_of(petition, "updates"))
    assert decide(editor, update, "now").status_code == 302
    assert "Handed over" in read(Client(), page_of(petition, "updates"))
    first = Update.objects.get().published_at
    assert "What you save here, they see within seconds" in words(read(editor, page))
    assert editor.post(page, form(petition, title_en="Handed over today")).status_code == 302
    assert Update.objects.get().published_at == first, "a correction is no news"
    assert "Handed over today" in read(Client(), page_of(petition, "updates"))
    assert "Readers see this update already." in words(decide(editor, update, "now"))
    assert decide(editor, update, "back").status_code == 302
    assert "Handed over" not in read(Client(), page_of(petition, "updates"))
    assert "Handed over" not in read(Client(), page_of(petition))
    assert "This update is a draft already." in words(decide(editor, update, "back"))
    assert actions() == ["UPDATE_CHANGED", "UPDATE_PUBLISHED", "UPDATE_CHANGED", "UPDATE_TAKEN_BACK"]


def test_news_go_from_the_desk_to_readers_in_four_clicks(petition: Petition, editor: Client) -> None:
    assert 'href="/admin/signatures/update/"' in read(editor, "/admin/")
    assert f'href="{ADD}"' in read(editor, "/admin/signatures/update/")
    saved = editor.post(ADD, form(petition, _look="x"), follow=True)
    update = Update.objects.get()
    assert saved.redirect_chain[-1][0] == f"/admin/signatures/update/{update.pk}/publish/"
    page = words(saved.content.decode())
    assert "The list lies with the committee." in page
    assert "Список у комитета." in page
    assert 'value="Publish now"' in saved.content.decode()
    assert "The update is published." in words(
        editor.post(saved.redirect_chain[-1][0], {"action": "now"}, follow=True).content.decode()
    )
    assert "Handed over" in read(Client(), page_of(petition, "updates"))


def test_a_preview_is_the_page_that_readers_get_and_publishes_nothing(petition: Petition, editor: Client) -> None:
    published(petition, editor, title_en="Older", title_ru="Старше")
    update = written(petition, editor)
    for language, headline in (("en", "Handed over in Brussels"), ("ru", "Передано в Брюсселе")):
        page = read(editor, f"/admin/signatures/update/{update.pk}/preview/{language}/")
        assert f'<html lang="{language}"' in page
        assert page.index(headline) < page.index("Older" if language == "en" else "Старше")
        assert headline not in read(Client(), page_of(petition, "updates", language))
    assert "Preview: not published" in read(editor, f"/admin/signatures/update/{update.pk}/preview/en/")
    assert editor.get(f"/admin/signatures/update/{update.pk}/preview/be/").status_code == 404
    assert editor.get("/admin/signatures/update/999999/preview/en/").status_code == 404


@pytest.mark.parametrize("missing", ["title_en", "title_ru", "body_en", "body_ru"])
def test_nothing_is_published_in_one_language_only(petition: Petition, editor: Client, missing: str) -> None:
    update = written(petition, editor, **{missing: " "})
    page = f"/admin/signatures/update/{update.pk}/publish/"
    assert 'value="Publish now"' not in read(editor, page)
    assert "Fill in every language of the petition first" in words(decide(editor, update, "now"))
    assert Update.objects.get().published_at is None
    assert editor.post(f"/admin/signatures/update/{update.pk}/change/", form(petition)).status_code == 302
    assert decide(editor, update, "now").status_code == 302
    answer = save(editor, f"/admin/signatures/update/{update.pk}/change/", form(petition, **{missing: " "}))
    assert any("every language of the petition" in error for error in errors_on(answer))
    # The database knows the petition's languages of then no more, but a text that is there in none of them.
    with pytest.raises(IntegrityError, match="update_published_in_a_language"), transaction.atomic():
        Update.objects.update(title_en="", body_ru="")


def test_news_belongs_to_one_petition_and_stays_there(petition: Petition, editor: Client) -> None:
    update = published(petition, editor)
    other = factories.make_petition()
    editor.post(f"/admin/signatures/update/{update.pk}/change/", form(other))
    assert Update.objects.get().petition == petition
    assert "Handed over" not in read(Client(), page_of(other, "updates"))


def test_markup_in_news_is_only_text(petition: Petition, editor: Client) -> None:
    published(petition, editor, title_en="<script>alert(1)</script>", body_en="<img src=x onerror=alert(1)>")
    page = read(Client(), page_of(petition, "updates"))
    assert "<script>alert" not in page
    assert "<img" not in page


def test_the_news_of_a_draft_are_not_there(editor: Client) -> None:
    draft = factories.make_petition(publish=False)
    published(draft, editor)
    assert Client().get(page_of(draft, "updates")).status_code == 404
