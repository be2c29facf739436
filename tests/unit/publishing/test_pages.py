"""What the public lists are given to show."""

from __future__ import annotations

import pytest

from signatures.models import Petition, Signature
from signatures.models.choices import SignatureState, StateReason, Visibility
from signatures.publishing import pages
from signatures.publishing.pages import petition_cards, signers_page
from signatures.texts.publishing import publish_text
from tests import factories

pytestmark = pytest.mark.django_db


def sign_publicly(petition: Petition, *names: str) -> None:
    """Sign under each name for everyone to see."""
    for name in names:
        factories.make_signature(petition, name=name, visibility=Visibility.PUBLIC)


def names_on(petition: Petition, after: int | None) -> tuple[list[str], int | None]:
    """Return the names on a page and where the next one starts."""
    lines, next_after = signers_page(petition, "en", after)
    return [line.name for line in lines], next_after


def test_a_page_goes_on_where_the_one_before_ended_whatever_is_signed_or_withdrawn_meanwhile(
    petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SIGNERS_PER_PAGE", 2)
    sign_publicly(petition, "A", "B", "C", "D")
    first, after = names_on(petition, None)
    assert first == ["D", "C"]
    sign_publicly(petition, "E")
    Signature.objects.filter(name="C").delete()
    assert names_on(petition, after) == (["B", "A"], None)
    assert names_on(petition, None)[0] == ["E", "D"]


def test_the_last_page_does_not_lead_on(petition: Petition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SIGNERS_PER_PAGE", 2)
    sign_publicly(petition, "A", "B")
    assert names_on(petition, None) == (["B", "A"], None)
    assert names_on(petition, Signature.objects.earliest("id").pk) == ([], None)


def test_nobody_is_listed_but_confirmed_public_signers_of_this_petition(petition: Petition) -> None:
    sign_publicly(petition, "Public")
    sign_publicly(factories.make_petition(), "Elsewhere")
    factories.make_signature(petition, name="Delivered")
    factories.make_signature(petition, visibility=Visibility.COUNTED)
    for state in (SignatureState.HELD, SignatureState.REMOVED):
        factories.make_signature(
            petition,
            name=state.value,
            visibility=Visibility.PUBLIC,
            state=state,
            state_reason=StateReason.INVENTED,
        )
    assert names_on(petition, None)[0] == ["Public"]


@pytest.mark.parametrize(("approved", "shown"), [(False, None), (True, "Because")])
def test_a_reason_is_shown_once_an_organiser_has_approved_it(
    petition: Petition, approved: bool, shown: str | None
) -> None:
    factories.make_signature(
        petition, visibility=Visibility.PUBLIC, country="LT", reason="Because", reason_approved=approved
    )
    ((line,), _) = signers_page(petition, "ru", None)
    assert (line.country, line.reason) == ("Литва", shown)


def test_a_card_shows_the_newest_published_text_and_the_count_in_its_language(petition: Petition) -> None:
    factories.make_signature(petition)
    factories.make_petition(publish=False)
    petition.title_ru = "Новое название"
    petition.save()
    assert [card.title for card in petition_cards("ru")] == ["Свободу всем"]
    publish_text(petition=petition, actor=None)
    (card,) = petition_cards("ru")
    assert (card.title, card.summary, card.count) == ("Новое название", "Мы просим свободы.", 1)
    assert (card.responsible_body, card.contact) == ("группа", "contact@example.org")
    assert card.url == f"/ru/petitions/{petition.slug}/"
