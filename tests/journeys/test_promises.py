"""The pages promise what is done, and no more: who is given a name, and where."""

from __future__ import annotations

import pytest
from django.test import Client

from signatures.models import Petition
from signatures.models.choices import Profile
from signatures.texts.publishing import publish_text
from tests.support.page_reading import in_language, page_of, read, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
EVERYONE_IS_TOLD = (
    "“Everyone”: your name and country are on this site, with your reason for signing if you gave one and an organiser"
    " has approved it. The recipients that the form named when you signed are given name and country, too, with your"
    " city if you gave one, the day, the language and the version of the text; the reason is not in their lists."
)
ON_THE_SITE_AND_IN_LISTS = (
    "Your name and country appear on this site and in the lists handed over. Anyone can copy them, and copies may"
    " remain even if you withdraw."
)
ON_THE_SITE = (
    "Your name and country appear on this site. Anyone can copy them, and copies may remain even if you withdraw."
)


@LANGUAGES
def test_the_privacy_page_says_what_recipients_are_given_of_those_who_chose_everyone(
    petition: Petition, language: str
) -> None:
    assert in_language(EVERYONE_IS_TOLD, language) in words(read(Client(), f"/{language}/privacy/"))


@LANGUAGES
def test_the_form_speaks_of_lists_with_names_only_where_a_recipient_is_given_names(
    petition: Petition, language: str
) -> None:
    listed, unlisted = in_language(ON_THE_SITE_AND_IN_LISTS, language), in_language(ON_THE_SITE, language)
    form = words(read(Client(), page_of(petition, language=language)))
    assert listed in form
    assert unlisted not in form
    petition.recipients.update(profile=Profile.TOTALS)
    publish_text(petition=petition, actor=None)
    form = words(read(Client(), page_of(petition, language=language)))
    assert unlisted in form
    assert listed not in form


@pytest.mark.parametrize("profile", Profile.values)
def test_the_page_names_each_recipient_whatever_it_is_given(petition: Petition, profile: str) -> None:
    for recipient in petition.recipients.all():
        recipient.profile = profile
        recipient.save()
    publish_text(petition=petition, actor=None)
    page = words(read(Client(), page_of(petition)))
    assert [recipient.name_en for recipient in petition.recipients.all() if recipient.name_en not in page] == []
