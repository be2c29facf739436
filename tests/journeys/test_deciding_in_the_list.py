"""Organisers decide on signatures out of a list that they have narrowed down, and are back in it, with a way back."""

from __future__ import annotations

import html
import re
from typing import cast
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, Petition, Signature, Tally
from signatures.models.choices import SignatureState, Visibility
from tests.support import factories
from tests.support.page_reading import field_value, read, words
from tests.support.tally_reading import counted

LIST = "/admin/signatures/signature/"
LINK = re.compile(r'class="field-row_number"><a href="([^"]*)"')
pytestmark = pytest.mark.django_db


def links_in(page: str) -> list[str]:
    """Return where the rows of a list lead."""
    return [html.unescape(path) for path in LINK.findall(page)]


def form_action(page: str, button: str) -> str:
    """Return where the form with a button goes."""
    forms = re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', page, re.DOTALL)
    (path,) = [path for path, inside in forms if f'value="{button}"' in inside]
    return html.unescape(path)


def press(client: Client, page: str, button: str, **values: str) -> HttpResponse:
    """Press a button of a page, and return the page that follows."""
    return cast("HttpResponse", client.post(form_action(page, button), {"action": button, **values}, follow=True))


def query_of(answer: HttpResponse) -> str:
    """Return the query of the page that was led to."""
    return str(answer.request["QUERY_STRING"])  # type: ignore[attr-defined]


def undo(client: Client, answer: HttpResponse) -> HttpResponse:
    """Press the button that takes a decision back."""
    page = answer.content.decode()
    return press(client, page, "UNDO", undo=field_value(page, "undo") or "")


def test_two_presses_decide_and_lead_back_into_the_list_as_it_was(petition: Petition, moderator: Client) -> None:
    for number in range(3):
        factories.make_signature(petition, name=f"Polish {number}", country="PL")
    factories.make_signature(petition, name="Elsewhere")
    page = read(moderator, f"{LIST}?country=PL&state__exact=CONFIRMED")
    answer = press(moderator, read(moderator, links_in(page)[0]), "HELD", state_reason="SUSPICIOUS")
    assert query_of(answer) == "country=PL&state__exact=CONFIRMED"
    shown = words(answer)
    held = Signature.objects.get(state=SignatureState.HELD)
    assert held.name == "Polish 2"
    assert f"The signature is held and does not count. Signature {held.pk} Undo" in shown
    assert "Polish 1" in shown
    assert "Polish 2" not in shown
    assert "Elsewhere" not in shown
    # It is told once.
    assert "Undo" not in words(read(moderator, LIST))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("CONFIRMED", None), ("HELD", "DUPLICATE")),
        (("CONFIRMED", None), ("REMOVED", "INVENTED")),
        (("HELD", "HONEYPOT"), ("CONFIRMED", None)),
        (("REMOVED", "ABUSIVE"), ("HELD", "SUSPICIOUS")),
    ],
)
def test_undo_takes_exactly_that_decision_back(
    petition: Petition, moderator: Client, before: tuple[str, str | None], after: tuple[str, str | None]
) -> None:
    signature = factories.make_signature(petition, state=before[0], state_reason=before[1])
    query = f"state__exact={before[0]}"
    page = read(moderator, links_in(read(moderator, f"{LIST}?{query}"))[0])
    answer = press(moderator, page, after[0], **({"state_reason": after[1]} if after[1] else {}))
    signature.refresh_from_db()
    assert (signature.state, signature.state_reason) == after
    back = undo(moderator, answer)
    assert "Taken back: the signature is what it was before." in words(back)
    assert query_of(back) == query
    signature.refresh_from_db()
    assert (signature.state, signature.state_reason) == before
    assert counted(petition) == ("1" if before[0] == "CONFIRMED" else "0")
    assert compare_tally(petition) == {}
    assert AuditEntry.objects.filter(target=signature.pk, action__startswith="SIGNATURE").count() == 2
    assert not Tally.objects.filter(kind="CORRECTION").exists()


def test_what_somebody_else_decided_since_is_not_taken_back(petition: Petition, moderator: Client) -> None:
    signature = factories.make_signature(petition)
    page = read(moderator, f"{LIST}{signature.pk}/change/")
    answer = press(moderator, page, "HELD", state_reason="SUSPICIOUS")
    Signature.objects.update(state="REMOVED", state_reason="INVENTED")
    assert "It was decided on anew since then: nothing is taken back." in words(undo(moderator, answer))
    signature.refresh_from_db()
    assert signature.state == "REMOVED"
    twice = words(undo(moderator, answer))
    assert "nothing is taken back" in twice


@pytest.mark.parametrize("token", ["", "x", "WzEsIkhFTEQiXQ:x:y"])
def test_nobody_makes_up_what_to_take_back(petition: Petition, moderator: Client, token: str) -> None:
    path = f"{LIST}{factories.make_signature(petition).pk}/decide/"
    assert moderator.post(path, {"action": "UNDO", "undo": token}).status_code == 400


def test_a_decision_on_one_is_not_taken_back_on_another(petition: Petition, moderator: Client) -> None:
    one, other = factories.make_signature(petition), factories.make_signature(petition)
    answer = press(moderator, read(moderator, f"{LIST}{one.pk}/change/"), "HELD", state_reason="SUSPICIOUS")
    token = field_value(answer, "undo") or ""
    assert moderator.post(f"{LIST}{other.pk}/decide/", {"action": "UNDO", "undo": token}).status_code == 400


def test_one_goes_on_to_the_next_of_the_list_and_to_no_other(petition: Petition, moderator: Client) -> None:
    made = [factories.make_signature(petition, country=country) for country in ("PL", "LT", "PL", "LT", "PL")]
    for query in ("country=PL", "country=PL&since=2011-01-01T00:00&p=1"):
        path, seen = links_in(read(moderator, f"{LIST}?{query}"))[0], []
        while path:
            page = read(moderator, path)
            seen.append(int(re.findall(r"/signature/(\d+)/change/", path)[0]))
            found = re.search(r'<a href="([^"]*)"[^>]*rel="next"', page)
            path = html.unescape(found[1]) if found else ""
        assert seen == [made[4].pk, made[2].pk, made[0].pk]


@pytest.mark.parametrize(
    "kept", ["_to_field=&p=x", "q=%00", "email_key=1", "state__exact=x&p=9", "like=x&rows=y&since=z", "a=b&a=c&=d"]
)
def test_no_odd_way_into_a_page_breaks_it_or_leads_elsewhere(petition: Petition, moderator: Client, kept: str) -> None:
    signature = factories.make_signature(petition)
    change = f"{LIST}{signature.pk}/change/?_changelist_filters={quote(kept)}"
    assert 'rel="next"' not in read(moderator, change)
    path = f"{LIST}{signature.pk}/decide/?_changelist_filters={quote(kept)}"
    answer = moderator.post(path, {"action": "HELD", "state_reason": "SUSPICIOUS"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(LIST)


def test_a_page_shows_what_is_stored_and_leaves_out_what_is_empty(petition: Petition, moderator: Client) -> None:
    signature = factories.make_signature(petition, visibility=Visibility.COUNTED, country="PL")
    page = read(moderator, f"{LIST}{signature.pk}/change/")
    terms = re.findall(r"<dt>(.*?)</dt>", page)
    assert terms == [
        "State",
        "Country",
        "Who may see the name",
        "Confirmed (UTC)",
        "Language",
        "Text version",
        "Petition",
    ]
    assert "Signatures with this name" not in page
    named = factories.make_signature(petition, name="Аня Ўлашэнка", city="Wilno", state="HELD", state_reason="HONEYPOT")
    page = words(read(moderator, f"{LIST}{named.pk}/change/"))
    assert "Held The hidden field was filled in" in page
    assert "Wilno" in page
    assert "Signatures with this name" in page
