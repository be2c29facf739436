"""An organiser whose browser runs no scripts fills in only the fields that the pages show."""

from __future__ import annotations

import pytest
from django.test import Client

from signatures.models import Petition
from tests.support import factories
from tests.support.desk import ADD, change_path, petition_form, publish, save, shown_form
from tests.support.page_reading import page_of, read

pytestmark = pytest.mark.django_db


def fill_in(form: dict[str, str], number: int, name: str, profile: str) -> None:
    """Fill in one of the recipients that the form shows."""
    for field, value in ((f"recipients-{number}-name_en", name), (f"recipients-{number}-name_ru", f"{name} ru")):
        assert field in form, "the page shows no such field"
        form[field] = value
    form[f"recipients-{number}-profile"] = profile


def test_a_new_petition_gets_its_recipients_and_is_published(organiser: Client) -> None:
    written = {name: value for name, value in petition_form().items() if not name.startswith("recipients")}
    form = shown_form(organiser, ADD) | written
    fill_in(form, 0, "Parliament", "NAMES")
    # The rows that stay empty say nothing, in whatever order they are.
    form["recipients-2-position"] = "7"
    assert save(organiser, ADD, form).status_code == 302
    draft = Petition.objects.get(slug="freedom")
    # Each time that the page is saved there is room for another one.
    for number, name in enumerate(("Government", "Council"), start=1):
        form = shown_form(organiser, change_path(draft))
        fill_in(form, number, name, "TOTALS")
        assert save(organiser, change_path(draft), form).status_code == 302
    assert list(draft.recipients.values_list("name_en", flat=True)) == ["Parliament", "Government", "Council"]
    assert list(draft.recipients.values_list("position", flat=True)) == [0, 1, 2]
    assert publish(organiser, draft).status_code == 302
    form = shown_form(organiser, change_path(draft)) | {"status": "OPEN"}
    assert save(organiser, change_path(draft), form).status_code == 302
    page = read(Client(), page_of(draft))
    assert page.index("Parliament") < page.index("Government") < page.index("Council")


def test_a_recipient_that_is_given_nothing_yet_is_asked_about(organiser: Client) -> None:
    draft = factories.make_petition(publish=False)
    form = shown_form(organiser, change_path(draft))
    form["recipients-2-name_en"] = "Council"
    answer = save(organiser, change_path(draft), form)
    assert answer.status_code == 200
    assert "This field is required" in answer.content.decode()
