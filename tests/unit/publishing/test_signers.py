"""The data for the public list of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.models import Petition, Signature
from signatures.models.choices import SignatureState, StateReason, Visibility
from signatures.publishing import signers
from signatures.publishing.signers import cursor_of, place_of, signers_page
from tests.support import factories
from tests.support.releases import sign_publicly

pytestmark = pytest.mark.django_db


def names_on(petition: Petition, after: str | None) -> tuple[list[str], str | None]:
    """Return the names on a page and the cursor of the next page."""
    version = factories.newest_version(petition)
    lines, next_after = signers_page(version, "en", place_of(after) if after is not None else None)
    return [line.name for line in lines], next_after


def in_order(petition: Petition) -> list[str]:
    """Return the names sorted by place."""
    return [row.name or "" for row in Signature.objects.filter(petition=petition).order_by("-place")]


def test_the_next_page_continues_where_the_previous_ended_despite_changes_in_between(
    ordinary: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signers, "SIGNERS_PER_PAGE", 2)
    sign_publicly(ordinary, "A", "B", "C", "D")
    order = in_order(ordinary)
    first, after = names_on(ordinary, None)
    assert first == order[:2]
    Signature.objects.filter(name=order[1]).delete()
    assert names_on(ordinary, after) == (order[2:], None)
    assert names_on(ordinary, None)[0] == [order[0], order[2]]


def test_the_last_page_has_no_next_page(ordinary: Petition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signers, "SIGNERS_PER_PAGE", 2)
    sign_publicly(ordinary, "A", "B")
    assert names_on(ordinary, None) == (in_order(ordinary), None)
    assert names_on(ordinary, cursor_of(0)) == ([], None)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_decodes_to_its_place(place: int) -> None:
    assert place_of(cursor_of(place)) == place


@given(st.text())
def test_an_invalid_cursor_is_none(text: str) -> None:
    place = place_of(text)
    assert place is None or cursor_of(place) == text


def test_only_confirmed_public_signers_of_this_petition_are_listed(ordinary: Petition) -> None:
    sign_publicly(ordinary, "Public")
    sign_publicly(factories.make_petition(), "Elsewhere")
    factories.make_signature(ordinary, name="Delivered")
    factories.make_signature(ordinary, visibility=Visibility.COUNTED)
    for state in (SignatureState.HELD, SignatureState.REMOVED):
        factories.make_signature(
            ordinary,
            name=state.value,
            visibility=Visibility.PUBLIC,
            state=state,
            state_reason=StateReason.INVENTED,
        )
    assert names_on(ordinary, None)[0] == ["Public"]


@pytest.mark.parametrize(("approved", "shown"), [(False, None), (True, "Because")])
def test_a_reason_is_shown_once_an_organiser_has_approved_it(
    ordinary: Petition, approved: bool, shown: str | None
) -> None:
    factories.make_signature(
        ordinary, visibility=Visibility.PUBLIC, country="LT", reason="Because", reason_approved=approved
    )
    ((line,), _) = signers_page(factories.newest_version(ordinary), "ru", None)
    assert (line.country, line.reason) == ("Литва", shown)
