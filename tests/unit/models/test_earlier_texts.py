"""Texts that were published before a version held all that its signers rely on."""

from __future__ import annotations

import json

import pytest

from signatures.models import Petition, TextVersion, TextVersionBody
from tests.support import factories
from tests.support.database import query, refuses
from tests.unit.models.test_migrations import database_as_of


@pytest.mark.django_db(transaction=True)
def test_a_text_that_was_published_before_keeps_its_digest_and_the_bytes_it_is_of(petition: Petition) -> None:
    version = factories.newest_version(petition)
    with database_as_of("0011_goal_explained"):
        query("ALTER TABLE signatures_textversion DISABLE TRIGGER frozen")
        old = json.dumps(
            {
                "petition": petition.slug,
                "version": 1,
                "bodies": {
                    language: {name: factories.TEXTS[name][place] for name in ("title", "summary", "body", "consent")}
                    for place, language in enumerate(("en", "ru"))
                },
                "recipients": [
                    {"name": {"en": "Parliament", "ru": "Парламент"}, "profile": "NAMES"},
                    {"name": {"en": "Government", "ru": "Правительство"}, "profile": "TOTALS"},
                ],
            },
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        query(
            "UPDATE signatures_textversion SET digest = encode(sha256(convert_to(%s, 'UTF8')), 'hex') WHERE id = %s",
            [old, version.pk],
        )
        query("ALTER TABLE signatures_textversion ENABLE TRIGGER frozen")
    kept = TextVersion.objects.get(pk=version.pk)
    assert kept.canonical_json == old
    assert (kept.protection, kept.contact, kept.asks_city) == ("GUARDED", petition.contact, False)
    assert kept.bodies.get(language="ru").responsible_body == "группа"
    refuses("UPDATE signatures_textversion SET contact = 'x' WHERE id = %s", version.pk, by="cannot be changed")


@pytest.mark.django_db(transaction=True)
def test_what_changed_in_a_text_that_was_published_before_is_found_once_and_kept(petition: Petition) -> None:
    others = factories.make_petition()
    factories.publish_next(petition)
    factories.publish_next(petition)
    expected = list(TextVersionBody.objects.order_by("pk").values_list("changes", flat=True))
    assert [bool(changes) for changes in expected] == [False] * 4 + [True] * 4
    with database_as_of("0012_protection"):
        assert query("SELECT count(*) FROM signatures_textversionbody") == [(8,)]
    assert list(TextVersionBody.objects.order_by("pk").values_list("changes", flat=True)) == expected
    assert expected[4]["body"] == [[2, [["added", "One sentence more."]]]]
    refuses("UPDATE signatures_textversionbody SET changes = '{}'", by="cannot be changed")
    assert factories.newest_version(others).number == 1


@pytest.mark.django_db(transaction=True)
def test_petitions_and_texts_of_before_have_english_and_russian_and_keep_their_bytes(petition: Petition) -> None:
    factories.publish_next(petition)
    facts = "id", "digest", "canonical_json"
    before = list(TextVersion.objects.order_by("id").values_list(*facts))
    with database_as_of("0034_any_petition"):
        assert query("SELECT id, digest, canonical_json FROM signatures_textversion ORDER BY id") == before
        refuses("UPDATE signatures_textversion SET contact = 'x'", by="cannot be changed")
        refuses("UPDATE signatures_recipient SET name_ru = 'x'", by="keeps its names")
    assert list(TextVersion.objects.order_by("id").values_list(*facts)) == before
    assert list(TextVersion.objects.values_list("languages", flat=True)) == [["en", "ru"]] * 2
    petition.refresh_from_db()
    assert petition.languages == ["en", "ru"]
    refuses("UPDATE signatures_textversion SET languages = '{en}'", by="cannot be changed")
    refuses("UPDATE signatures_recipient SET name_ru = 'x'", by="keeps its names")


def test_no_text_lowers_the_protection_of_those_before_it(petition: Petition) -> None:
    refuses(
        "INSERT INTO signatures_textversion"
        " (petition_id, number, digest, canonical_json, protection, asks_city, contact)"
        " SELECT petition_id, 2, digest, canonical_json, 'ORDINARY', false, contact FROM signatures_textversion"
        " WHERE petition_id = %s",
        petition.pk,
        by="cannot be lowered",
    )
