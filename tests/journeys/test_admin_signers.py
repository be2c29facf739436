"""The signature list: what it shows, how it is searched, and that every look at names is recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from signatures.models import AuditEntry, Petition, Signature
from signatures.models.choices import AuditAction, SignatureState, StateReason, Visibility
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import add_signatures
from tests.support.page_reading import read, words

LogIn = Callable[[str], Client]
LIST = "/admin/signatures/signature/"
SHOWN_NAME = re.compile(r'class="field-shown_name"><a[^>]*>([^<]*)</a>')
pytestmark = pytest.mark.django_db


def listed(client: Client, **parameters: str) -> set[str]:
    """Return the names on the first page of the list."""
    response = client.get(LIST, parameters)
    assert response.status_code == 200
    return set(SHOWN_NAME.findall(response.content.decode()))


def looks() -> list[tuple[int | None, int | None]]:
    """Return (row looked at, how many names) of each recorded look, the oldest first."""
    entries = AuditEntry.objects.filter(action=AuditAction.NAMES_VIEWED).order_by("id")
    return list(entries.values_list("target", "amount"))


def test_the_list_shows_what_is_stored_and_a_dash_where_no_name_is(petition: Petition, organiser: Client) -> None:
    factories.make_signature(petition, name="Аня Ўлашэнка", country="BY", visibility=Visibility.PUBLIC)
    factories.make_signature(petition, visibility=Visibility.COUNTED)
    page = read(organiser, LIST)
    assert set(SHOWN_NAME.findall(page)) == {"Аня Ўлашэнка", "—"}
    assert "Belarus" in words(page)
    assert "Everyone" in words(page)


def test_an_address_is_neither_shown_nor_found(
    petition: Petition, organiser: Client, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, email="findme@zyzzyva.example", name="Signer")
    pages = [read(organiser, LIST)]
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    signature = Signature.objects.get()
    pages += [read(organiser, LIST), read(organiser, f"{LIST}{signature.pk}/change/")]
    for page in pages:
        assert "zyzzyva" not in page
        assert bytes(signature.email_key or b"").hex() not in page
    assert listed(organiser, q="findme") == set()
    assert listed(organiser, q="findme@zyzzyva.example") == set()


@pytest.mark.parametrize(
    "lookup",
    ["email_key", "domain_key", "email_key__isnull", "name__regex", "text_version__signatures__name", "reason"],
)
def test_nothing_but_the_filters_can_be_asked_by_the_address(
    petition: Petition, organiser: Client, lookup: str
) -> None:
    factories.make_signature(petition, name="Signer")
    assert organiser.get(LIST, {lookup: "1"}).status_code == 400


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ўлашэнка", {"Аня Ўлашэнка"}),
        ("АНЯ", {"Аня Ўлашэнка"}),
        ("ўла ан", {"Аня Ўлашэнка"}),
        ("лашэнка", set()),
        ("nei", {"Zoë O'Neill-Łuk"}),
        ("łuk", {"Zoë O'Neill-Łuk"}),
        ("zoë & ! | :* ' \\", {"Zoë O'Neill-Łuk"}),
        ("у\u0306лаш", {"Аня Ўлашэнка"}),
        ("İstan", {"İstanbullu"}),
        ("istan", {"İstanbullu"}),
        ("nobody", set()),
        ("'", {"Аня Ўлашэнка", "Zoë O'Neill-Łuk", "İstanbullu"}),
        ("  ", {"Аня Ўлашэнка", "Zoë O'Neill-Łuk", "İstanbullu"}),
    ],
)
def test_names_are_found_by_the_beginnings_of_their_words(
    petition: Petition, organiser: Client, typed: str, found: set[str]
) -> None:
    for name in ("Аня Ўлашэнка", "Zoë O'Neill-Łuk", "İstanbullu"):
        factories.make_signature(petition, name=name)
    assert {name.replace("&#x27;", "'") for name in listed(organiser, q=typed)} == found


def test_the_list_is_narrowed_by_every_filter_and_by_several_at_once(petition: Petition, organiser: Client) -> None:
    first_version = factories.newest_version(petition).pk
    make = factories.make_signature
    make(petition, name="Polish", country="PL")
    make(petition, name="Russian", language="ru")
    make(petition, name="Public", visibility=Visibility.PUBLIC)
    make(petition, name="Held", state=SignatureState.HELD, state_reason=StateReason.HONEYPOT)
    early = make(petition, name="Early")
    instant = datetime(2011, 1, 31, tzinfo=UTC)
    Signature.objects.filter(pk=early.pk).update(
        first_confirmed_at=instant, last_confirmed_at=instant, current_since=instant
    )
    factories.publish_next(petition)
    make(petition, name="Later text")
    other = factories.make_petition()
    make(other, name="Elsewhere")
    everyone = {"Polish", "Russian", "Public", "Held", "Early", "Later text", "Elsewhere"}
    assert listed(organiser) == everyone
    assert listed(organiser, country="PL") == {"Polish"}
    assert listed(organiser, country="") == everyone
    assert listed(organiser, language__exact="ru") == {"Russian"}
    assert listed(organiser, visibility__exact="PUBLIC") == {"Public"}
    assert listed(organiser, state__exact="HELD") == {"Held"}
    assert listed(organiser, day="2011-01-31") == {"Early"}
    assert listed(organiser, day="2011-02-30") == set()
    assert listed(organiser, day="' OR 1=1") == set()
    assert listed(organiser, petition__id__exact=str(other.pk)) == {"Elsewhere"}
    version = {"text_version__id__exact": str(first_version)}
    assert listed(organiser, **version) == everyone - {"Later text", "Elsewhere"}
    assert listed(organiser, **version, country="LT", day="2011-01-31", q="ear") == {"Early"}
    assert listed(organiser, country="PL", day="2011-01-31") == set()


def test_a_filters_form_keeps_what_else_is_chosen(petition: Petition, organiser: Client) -> None:
    factories.make_signature(petition, name="Signer", country="PL")
    page = organiser.get(LIST, {"country": "PL", "state__exact": "CONFIRMED", "q": "sig"}).content.decode()
    day_form = page[page.index('name="day"') - 800 : page.index('name="day"')]
    for name, value in (("country", "PL"), ("state__exact", "CONFIRMED"), ("q", "sig")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in day_form
    assert '<option value="PL" selected>Poland</option>' in page
    assert "Clear" in words(page)


def test_nobody_edits_adds_or_deletes_a_signature_at_the_desk(petition: Petition, organiser_client: LogIn) -> None:
    signature = factories.make_signature(petition, name="Signer")
    for role in ("", "Administrators", "Organisers"):
        client = organiser_client(role)
        change = f"{LIST}{signature.pk}/change/"
        page = read(client, change)
        assert 'name="_save"' not in page
        # Whether it should count and why not, which is decided and not edited.
        assert set(re.findall(r'<(?:input|select|textarea)[^>]*name="([^"]*)"', page)) <= {
            "csrfmiddlewaretoken",
            "next",
            "action",
            "state_reason",
        }
        actions = re.findall(r'<option value="(\w+)">', read(client, LIST).partition("</select>")[0])
        assert actions == ["decide_on_selected"], "leads to a page that asks what"
        assert client.post(change, {"name": "Changed"}).status_code == 403
        assert client.get(f"{LIST}add/").status_code == 403
        assert client.post(f"{LIST}{signature.pk}/delete/", {"post": "yes"}).status_code == 403
        client.post(LIST, {"action": "delete_selected", "_selected_action": signature.pk, "post": "yes"})
    signature.refresh_from_db()
    assert signature.name == "Signer"
    assert not LogEntry.objects.exists()


def test_every_look_at_names_is_recorded_with_how_many_and_by_whom(petition: Petition, organiser: Client) -> None:
    one = factories.make_signature(petition, name="One")
    factories.make_signature(petition, name="Two")
    listed(organiser)
    listed(organiser, q="two")
    listed(organiser, country="DE")
    read(organiser, f"{LIST}{one.pk}/change/")
    assert looks() == [(None, 2), (None, 1), (None, 0), (one.pk, 1)]
    looked = AuditEntry.objects.filter(action=AuditAction.NAMES_VIEWED)
    actors = set(looked.values_list("actor_id", flat=True))
    assert actors == {int(organiser.session["_auth_user_id"])}
    assert "two" not in str(list(AuditEntry.objects.values())).lower()


def test_what_shows_no_name_is_not_recorded_as_a_look(petition: Petition, organiser: Client) -> None:
    assert organiser.get(f"{LIST}999999/change/").status_code == 404
    assert Client().get(LIST).status_code == 302
    assert looks() == []


def test_a_signatures_history_and_other_ways_to_it_name_nobody(petition: Petition, organiser: Client) -> None:
    signature = factories.make_signature(petition, name="Secret Name")
    for path in (
        f"{LIST}{signature.pk}/history/",
        f"/admin/signatures/textversion/{signature.text_version_id}/change/",
        f"/admin/signatures/petition/{petition.pk}/change/",
        "/admin/",
    ):
        assert "Secret Name" not in read(organiser, path)
    assert looks() == []


def test_a_page_of_the_list_reads_no_more_than_it_shows(petition: Petition, organiser: Client) -> None:
    add_signatures(petition, [f"Signer {number}" for number in range(1100)])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = read(organiser, LIST)
    assert len(SHOWN_NAME.findall(page)) == 50
    assert not [executed["sql"] for executed in queries if "COUNT(" in executed["sql"]]
    assert "Rows: 1000" in words(page).replace(",", "")
    assert looks() == [(None, 50)]


def test_the_list_speaks_the_organisers_language(petition: Petition) -> None:
    factories.make_signature(petition, country="LT")
    client = Client(headers={"accept-language": "en"})
    client.force_login(factories.make_organiser("Organisers", language="ru"))
    assert "Литва" in words(read(client, LIST))
