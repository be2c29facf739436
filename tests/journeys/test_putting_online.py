"""An organiser puts a petition online: one form, one list of what is missing, one button, and the links."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.test import Client

from signatures.links import absolute
from signatures.models import AuditEntry, Petition, TextVersion
from signatures.models.choices import AuditAction, PetitionStatus
from tests.support import factories
from tests.support.desk import ADD, change_path, errors_on, online_path, petition_form, put_online, save, shown_form
from tests.support.desk import with_recipients as to
from tests.support.page_reading import page_of, read, words

LogIn = Callable[[str], Client]
PARLIAMENT = ("Parliament", "Парламент", "NAMES")
GOVERNMENT = ("Government", "Правительство", "TOTALS")
LINK = "/admin/signatures/petition/{}/link/"
pytestmark = pytest.mark.django_db


def look(client: Client, **values: str) -> Petition:
    """Write a petition, and press the main button."""
    answer = save(client, ADD, petition_form(**to(PARLIAMENT, GOVERNMENT), _look="x") | values)
    petition = Petition.objects.latest("pk")
    assert answer["Location"] == online_path(petition)
    return petition


def test_pasted_texts_are_online_after_three_presses(organiser: Client) -> None:
    petition = look(organiser, slug="", opens_at_0="", opens_at_1="")
    assert petition.slug == "freedom-for-all"
    assert "Nothing is missing." in words(read(organiser, online_path(petition)))
    assert Client().get(page_of(petition)).status_code == 404
    answer = put_online(organiser, petition)
    assert answer["Location"] == f"{LINK.format(petition.pk)}?new=1"
    petition.refresh_from_db()
    assert petition.status == PetitionStatus.OPEN
    assert Petition.objects.filter(opens_at=F("text_versions__published_at")).exists()
    assert "Freedom for all" in read(Client(), page_of(petition))
    entries = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert entries[-2:] == [AuditAction.TEXT_PUBLISHED, AuditAction.PETITION_CHANGED]
    assert AuditEntry.objects.latest("id").details == {"fields": ["opens_at", "status"]}


def test_everything_that_is_missing_is_said_at_once_each_with_its_field(organiser: Client) -> None:
    gone = {"summary_ru": "", "body_en": "", "contact": "", "responsible_body_ru": "", "recipients-TOTAL_FORMS": "0"}
    petition = look(organiser, closes_at_0="2011-01-01", closes_at_1="00:01", **gone)
    page = read(organiser, online_path(petition))
    for sentence, field in (
        ("summary (Русский) is empty.", "summary_ru"),
        ("text (English) is empty.", "body_en"),
        ("The contact is empty.", "contact"),
        ("responsible body (Русский) is empty.", "responsible_body_ru"),
        ("There is no recipient.", "recipients-0-name_en"),
        ("The closing time must be after the opening time.", "closes_at_0"),
    ):
        assert f'<a href="{change_path(petition)}#id_{field}">{sentence}</a>' in page
    assert "6 things are missing" in words(page)
    assert 'value="Put it online"' not in page
    form = read(organiser, change_path(petition))
    for field in set(re.findall(r"#(id_[\w-]+)\"", page)):
        assert f'id="{field}"' in form
    assert "The contact is empty." in words(put_online(organiser, petition))
    assert not TextVersion.objects.exists()


def test_what_is_doubtful_is_asked_about_and_keeps_nobody_from_going_on(organiser: Client) -> None:
    petition = look(organiser, **{"recipients-1-profile": "NAMES", "body_en": "**Never closed", "safety_notice_ru": ""})
    page = words(read(organiser, online_path(petition)))
    assert "no safety notice tells them so (Русский)" in page
    assert "Every recipient is given the names." in page
    assert "The contact is an example" in page
    assert "Stars or underscores are shown as they were typed" in page
    assert put_online(organiser, petition).status_code == 302


def test_a_petition_that_opens_later_is_put_online_now_and_says_when(organiser: Client) -> None:
    later = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=3)
    petition = look(organiser, opens_at_0=f"{later:%Y-%m-%d}", opens_at_1=f"{later:%H:%M}")
    assert "People can sign from" in words(read(organiser, online_path(petition)))
    put_online(organiser, petition)
    petition.refresh_from_db()
    assert (petition.opens_at, petition.status) == (later, PetitionStatus.OPEN)
    assert "You can sign from" in words(read(organiser, f"{LINK.format(petition.pk)}?new=1"))
    assert "You can sign from" in words(read(Client(), page_of(petition)))


def test_nothing_goes_online_but_what_was_looked_at(organiser: Client) -> None:
    petition = look(organiser)
    page = read(organiser, online_path(petition))
    Petition.objects.update(title_en="Changed meanwhile")
    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    answer = save(organiser, online_path(petition), {"seen": seen})
    assert "The draft has changed since you looked." in words(answer)
    assert save(organiser, online_path(petition), {}).status_code == 200
    assert not TextVersion.objects.exists()
    assert put_online(organiser, petition).status_code == 302


def test_a_second_press_changes_nothing_and_leads_to_the_links(organiser: Client) -> None:
    petition = look(organiser)
    seen = re.findall(r'name="seen" value="(\w+)"', read(organiser, online_path(petition)))[0]
    save(organiser, online_path(petition), {"seen": seen})
    opened = Petition.objects.get().opens_at
    assert save(organiser, online_path(petition), {"seen": seen})["Location"] == LINK.format(petition.pk)
    assert Petition.objects.get().opens_at == opened
    assert TextVersion.objects.count() == 1


def test_a_text_that_was_published_before_opens_without_another_version(organiser: Client) -> None:
    petition = factories.make_petition(status="DRAFT")
    assert put_online(organiser, petition).status_code == 302
    petition.refresh_from_db()
    assert (petition.status, petition.text_versions.count()) == (PetitionStatus.OPEN, 1)


def test_an_editor_sees_the_list_and_a_colleague_presses(organiser_client: LogIn) -> None:
    editor = organiser_client("Editors")
    petition = look(editor)
    page = read(editor, online_path(petition))
    assert "Ask a colleague who may publish" in words(page)
    assert 'value="Put it online"' not in page
    assert save(editor, online_path(petition), {"seen": ""}).status_code == 403
    assert organiser_client("Auditors").get(online_path(petition)).status_code == 403
    assert put_online(organiser_client("Organisers"), petition).status_code == 302


@pytest.mark.parametrize("protection", ["GUARDED", "ORDINARY"])
def test_the_links_and_short_texts_are_ready_in_each_language(organiser: Client, protection: str) -> None:
    petition = factories.make_petition(protection=protection, sharing_notice_ru="Делитесь осторожно.")
    page = read(organiser, LINK.format(petition.pk))
    for language, title in (("en", "Freedom for all"), ("ru", "Свободу всем")):
        address = absolute(page_of(petition, language=language))
        text = re.findall(rf'<textarea id="text-{language}"[^>]*>(.*?)</textarea>', page, re.DOTALL)[0]
        assert f'value="{address}"' in page
        assert text.startswith(title)
        assert text.endswith(address)
        assert f'src="{page_of(petition, language=language)}qr.png"' in page
        assert ("Делитесь осторожно." in text) == (protection == "GUARDED" and language == "ru")
    assert ("Share only if it is safe" in page) == (protection == "GUARDED")
    assert ("Sign here:" in page) == (protection == "ORDINARY")
    card = read(organiser, "/admin/")
    assert f'href="{LINK.format(petition.pk)}"' in card


def test_a_draft_has_no_links_yet_but_a_checklist(organiser: Client) -> None:
    petition = factories.make_petition(publish=False)
    assert organiser.get(LINK.format(petition.pk))["Location"] == online_path(petition)


def test_the_form_stands_in_the_order_in_which_one_writes(organiser_client: LogIn) -> None:
    page = read(organiser_client(""), ADD)
    order = [
        "title_en",
        "summary_ru",
        "body_en",
        "consent_en",
        "recipients-0-name_en",
        "responsible_body_en",
        "contact",
    ]
    order += [
        "protection",
        "safety_notice_en",
        "confidentiality_en",
        "thanks_en",
        "reviews_names",
        "opens_at_0",
        "slug",
    ]
    places = [page.index(f'name="{name}"') for name in [*order, "goal", "erase_on"]]
    assert places == sorted(places)
    assert 'name="status"' not in page
    assert len(re.findall(r"class=\"[^\"]*default", page)) == 1


def test_what_is_rare_is_folded_unless_it_holds_something(organiser_client: LogIn) -> None:
    organiser = organiser_client("")

    def folded(page: str) -> set[str]:
        return set(re.findall(r"<summary>\s*<h2[^>]*>(.*?)</h2>", page))

    petition = look(organiser, share_places=["TELEGRAM", "WHATSAPP", "VIBER", "FACEBOOK", "X", "EMAIL"])  # type: ignore[arg-type]
    everything = {
        "Why names are confidential",
        "Around the form",
        "Names before everyone",
        "A second person",
        "Erasing",
    }
    assert folded(read(organiser, ADD)) == everything
    Petition.objects.update(thanks_ru="Спасибо", erase_on="2100-01-01")
    assert not {"Around the form", "Erasing"} & folded(read(organiser, change_path(petition)))
    wrong = petition_form(erase_on="2011-01-01", **to(PARLIAMENT))
    answer = save(organiser, ADD, wrong)
    assert errors_on(answer)
    assert "Erasing" not in folded(answer.content.decode())


def test_an_old_form_does_not_take_a_petition_offline(organiser: Client) -> None:
    petition = look(organiser)
    old = shown_form(organiser, change_path(petition))
    put_online(organiser, petition)
    save(organiser, change_path(petition), old | {"title_en": "Typed in another tab"})
    assert Petition.objects.get().status == PetitionStatus.OPEN
