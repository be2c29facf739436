"""A text at the desk: what readers will see of it stands beside it, and nobody is surprised by what was published."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from signatures.admin.written_texts import CHARACTERS_MAX
from signatures.models import AuditEntry, Petition, TextVersion, TextVersionBody
from signatures.models.choices import AuditAction
from signatures.texts.digest import digest_of
from signatures.texts.publishing import publish_text
from tests.support.desk import change_path, publish, publish_path, save, shown_form
from tests.support.page_reading import page_of, read, words

LogIn = Callable[[str], Client]
SHOWN = "/admin/shown-text/"
PASTED = "**Мы просим:**свободы\r\n\t• од\xadин\r\n\t• два\r\n![герб](https://example.org/a.png)\r\n<b>𒀀</b> **"
pytestmark = pytest.mark.django_db


def write(organiser: Client, petition: Petition, **texts: str) -> None:
    """Save a petition with other texts."""
    form = shown_form(organiser, change_path(petition)) | texts
    assert save(organiser, change_path(petition), form).status_code == 302
    petition.refresh_from_db()


def test_the_text_stands_beside_its_source_as_it_was_saved(organiser: Client, petition: Petition) -> None:
    write(organiser, petition, body_ru=PASTED)
    page = read(organiser, change_path(petition))
    assert "<strong>Мы просим:</strong>свободы" in page
    assert "<li>один</li>" in page
    for sentence in (
        "A picture is left out; its words stand in its place: “герб”.",
        "HTML is shown as it was typed, for example “<b>”.",
        "Stars or underscores are shown as they were typed, since none close them: “**”.",
        "The PDF and the share picture show a box in place of this sign: 𒀀 (U+12000) in “",
    ):
        assert sentence in words(page)
    assert re.search(r'src="/static/js/desk\b[^"]*\.js"', page)


def test_a_form_with_an_error_shows_the_text_as_it_was_sent(organiser: Client, petition: Petition) -> None:
    form = shown_form(organiser, change_path(petition)) | {"body_ru": "• раз\r\n• два", "contact": ""}
    answer = save(organiser, change_path(petition), form)
    assert answer.status_code == 200
    assert "<li>раз</li>" in answer.content.decode()


def test_while_one_writes_the_same_tree_is_asked(organiser_client: LogIn) -> None:
    answer = organiser_client("Editors").post(SHOWN, {"text": "<script>x</script> **а:**б ![](x)"})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    page = answer.content.decode()
    assert "<p>&lt;script&gt;x&lt;/script&gt; <strong>а:</strong>б </p>" in page
    assert "1 picture is left out, and nothing stands in its place: say in words what it shows." in words(page)


def test_while_one_writes_no_more_is_shown_than_a_text_may_be_long(organiser_client: LogIn) -> None:
    text = "a" * (CHARACTERS_MAX - 1) + "bc"
    page = organiser_client("Editors").post(SHOWN, {"text": text}).content.decode()
    assert "aab</p>" in page
    assert "abc" not in page


def test_strangers_get_and_other_sites_are_refused(organiser_client: LogIn) -> None:
    assert Client().post(SHOWN, {"text": "a"}).status_code == 403
    assert organiser_client("Editors").get(SHOWN).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = organiser_client("Editors").cookies
    assert strict.post(SHOWN, {"text": "a"}).status_code == 403


def test_what_nobody_sees_is_taken_out_of_what_is_written(organiser: Client, petition: Petition) -> None:
    write(
        organiser,
        petition,
        title_en=" Free\u200bdom\xad ",
        consent_en="I\u202e agree\r\nto it",
        body_en="so\xadft\x0bnext",
    )
    assert (petition.title_en, petition.consent_en, petition.body_en) == ("Freedom", "I agree to it", "soft\nnext")
    name = shown_form(organiser, change_path(petition))
    assert not {part for part in name.values() if "\u200b" in part}


def test_a_text_that_nobody_changed_stays_as_it_is_and_nothing_is_recorded(
    organiser: Client, petition: Petition
) -> None:
    Petition.objects.update(body_en="so\xadft\nline", title_en="A\u200bB")
    petition.refresh_from_db()
    form = shown_form(organiser, change_path(petition)) | {"body_en": "so\xadft\r\nline"}
    assert save(organiser, change_path(petition), form).status_code == 302
    petition.refresh_from_db()
    assert (petition.body_en, petition.title_en) == ("so\xadft\nline", "A\u200bB")
    assert not AuditEntry.objects.filter(action=AuditAction.PETITION_CHANGED).exists()


def test_before_publishing_it_is_said_what_readers_will_not_see(organiser: Client, petition: Petition) -> None:
    assert "What readers will not see" not in read(organiser, publish_path(petition))
    Petition.objects.update(title_en="Freedom 𒀀", body_ru="[здесь](/here)\n\nкартинка \ufffc")
    page = words(read(organiser, publish_path(petition)))
    assert "What readers will not see as you typed it" in page
    assert "The PDF and the share picture show a box in place of this sign: 𒀀 (U+12000) in “Freedom 𒀀”" in page
    assert "A link is left out, its words stay: “/here” does not begin with https://, http:// or mailto:." in page
    assert "1 picture is left out, and nothing stands in its place" in page
    assert publish(organiser, petition).status_code == 302


def test_what_was_published_before_keeps_bytes_digest_and_words(petition: Petition, visitor: Client) -> None:
    old = "#####\xa0Глава\n\n    в ко\xadде\n\n```\nв ограде\n```\n\nЗаголовок\n---\n\n"
    old += "[пусто]: https://example.org 'название'"
    Petition.objects.update(body_ru=old)
    version = publish_text(petition=petition, actor=None)
    assert "в ко\xadде" in version.canonical_json
    before = (version.digest, version.canonical_json)
    path = reverse("text_version", kwargs={"language": "ru", "slug": petition.slug, "number": 2})
    for page in (read(visitor, page_of(petition, language="ru")), read(visitor, path)):
        said = words(page)
        for word in ("Глава", "в коде", "в ограде", "Заголовок", "пусто", "название"):
            assert word in said
    stored = TextVersion.objects.get(pk=version.pk)
    assert (stored.digest, stored.canonical_json) == before
    assert digest_of(stored.content) == stored.digest  # type: ignore[arg-type]
    assert TextVersionBody.objects.get(version=version, language="ru").body == old
