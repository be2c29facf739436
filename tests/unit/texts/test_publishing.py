"""Publishing freezes the draft in each of its languages, or reports what is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from signatures.models import AuditEntry, Petition, TextVersion
from signatures.models.choices import AuditAction, PetitionStatus, Profile
from signatures.texts.first_petition import load_first_petition
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.database import at_once, rows_per_table, rows_written

FIELDS = [
    f"{field}_{language}"
    for field in ("title", "summary", "body", "consent", "responsible_body")
    for language in ("en", "ru")
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", ["", "  \n", "\u200b\u2060 \ufeff"])
def test_a_text_with_anything_empty_in_one_of_its_languages_is_not_published(db: None, field: str, value: str) -> None:
    draft = factories.make_petition(publish=False, **{field: value})
    before = rows_per_table()
    with pytest.raises(ValidationError) as refused:
        publish_text(petition=draft, actor=None)
    assert len(refused.value.messages) == 1
    assert {"en": "English", "ru": "Русский"}[field[-2:]] in refused.value.messages[0]
    assert rows_written(before) == {}


OVERLOADED = "Freedom" + "\u0301" * 31


@pytest.mark.parametrize("field", FIELDS)
def test_a_text_with_more_marks_on_a_letter_than_any_script_has_is_not_published(db: None, field: str) -> None:
    draft = factories.make_petition(publish=False, **{field: OVERLOADED})
    with pytest.raises(ValidationError, match="has more than 30 marks on one letter") as refused:
        publish_text(petition=draft, actor=None)
    assert len(refused.value.messages) == 1
    Petition.objects.update(**{field: OVERLOADED[:-1]})
    assert publish_text(petition=draft, actor=None).number == 1


def test_a_recipient_with_too_many_marks_on_a_letter_is_not_published(db: None) -> None:
    draft = factories.make_petition(publish=False)
    factories.make_recipient(draft, "Council", OVERLOADED)
    with pytest.raises(ValidationError, match=r"name \(Русский\) has more than 30 marks on one letter"):
        publish_text(petition=draft, actor=None)


def without_contact(petition: Petition) -> None:
    """Remove the contact."""
    Petition.objects.update(contact="")


def without_recipients(petition: Petition) -> None:
    """Remove the recipients."""
    petition.recipients.all().delete()


def with_a_nameless_recipient(petition: Petition) -> None:
    """Clear a recipient's Russian name."""
    factories.make_recipient(petition, "Council", "")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_contact, "The contact is empty."),
        (without_recipients, "There is no recipient."),
        (with_a_nameless_recipient, "A recipient has no name (Русский)."),
    ],
)
def test_missing_parts_are_reported(db: None, spoil: Callable[[Petition], None], message: str) -> None:
    draft = factories.make_petition(publish=False)
    spoil(draft)
    with pytest.raises(ValidationError) as refused:
        publish_text(petition=draft, actor=None)
    assert refused.value.messages == [message]


def test_a_version_contains_every_language_and_the_current_recipients(petition: Petition) -> None:
    version = factories.newest_version(petition)
    bodies = dict(version.bodies.values_list("language", "title"))
    assert bodies == {"en": "Freedom for all", "ru": "Свободу всем"}
    profiles = list(version.recipients.values_list("recipient__name_en", "profile"))
    assert profiles == [("Parliament", "NAMES"), ("Government", "TOTALS")]
    petition.recipients.update(profile="TOTALS")
    assert list(version.recipients.values_list("recipient__name_en", "profile")) == profiles


def test_each_publication_gets_the_next_number_and_an_audit_entry(petition: Petition) -> None:
    organiser = factories.make_organiser()
    Petition.objects.update(title_en="  Another\r\ntitle ")
    version = publish_text(petition=petition, actor=organiser)
    assert (version.number, version.bodies.get(language="en").title) == (2, "Another\ntitle")
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor, entry.target) == (AuditAction.TEXT_PUBLISHED, organiser, version.pk)
    assert entry.details == {"number": 2, "digest": version.digest}
    assert TextVersion.objects.get(number=1).bodies.get(language="en").title == "Freedom for all"


@pytest.mark.django_db(transaction=True)
def test_only_one_of_several_concurrent_publications_of_a_text_succeeds() -> None:
    petition = factories.make_petition()
    Petition.objects.update(body_en="Another text.")

    def publish() -> int | str:
        try:
            return publish_text(petition=petition, actor=None).number
        except ValidationError as error:
            return str(error.messages[0])

    answers = at_once(*[publish] * 5)
    assert sorted(map(str, answers)) == ["2", *["Nothing has changed since version 2."] * 4]
    assert petition.text_versions.count() == 2


def test_an_unchanged_text_and_one_that_nobody_can_sign_are_refused(petition: Petition) -> None:
    with pytest.raises(ValidationError, match="Nothing has changed since version 1"):
        publish_text(petition=petition, actor=None)
    petition.recipients.filter(name_en="Government").update(profile=Profile.NAMES)
    assert publish_text(petition=petition, actor=None).number == 2
    Petition.objects.update(body_en="Another text.", status=PetitionStatus.CLOSED, purged_at="2026-01-01T00:00Z")
    with pytest.raises(ValidationError, match="nobody can sign another text"):
        publish_text(petition=petition, actor=None)
    assert petition.text_versions.count() == 2


def test_the_first_petition_is_loaded_if_there_is_none(db: None) -> None:
    first = load_first_petition()
    assert first is not None
    assert load_first_petition() is None
    assert (first.slug, first.status, str(first.opens_at)[:10]) == ("belarus-political-prisoners", "OPEN", "2011-01-01")
    version = factories.newest_version(first)
    assert version.protection == "GUARDED"
    profiles = list(version.recipients.values_list("profile", flat=True))
    assert profiles == ["NAMES", "NAMES", "TOTALS", "TOTALS", "TOTALS"]
    for language in ("en", "ru"):
        words = version.bodies.get(language=language).body.split()
        assert 330 <= len(words) <= 600
