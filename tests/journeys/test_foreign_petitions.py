"""Whoever has a role in one petition finds nothing of another: not by links, filters, numbers, digests or searches."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from signatures import auditing
from signatures.models import AuditEntry, LeadPetitioner, Petition, Signature, Update
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.database import query
from tests.support.desk_clients import IN_A_PETITION, Values, client_of, make_member, nowhere, rows_of, said
from tests.support.page_reading import read

# A word that is in each value of the foreign petition, and the numbers that its rows have.
WORD = "wexlim"
FIRST_NUMBER = 7_300_000
NUMBER = re.compile(r"(?<![\w])7[ ,.’\u00a0\u202f]?300[ ,.’\u00a0\u202f]?\d{3}(?!\w)")
LINK = re.compile(r'(?:href|action|src)="([^"#]+)')
OPTION = re.compile(r'<option value="(\d+)"')
# Loads pages again and again, or leaves the desk.
NOT_FOLLOWED = ("/admin/logout/", "/admin/jsi18n/")
# What a list can be asked by, and the row whose number is tried.
ASKED = {
    "petition__id__exact": "petition",
    "petition": "petition",
    "id": "petition",
    "pk__in": "petition",
    "text_version__id__exact": "version",
    "like": "signature",
    "rows": "signature",
    "target": "signature",
}
PROBES = (
    "petition__title_en__contains=w",
    "petition__slug__startswith=w",
    "petition__memberships__role=1",
    "actor__password__startswith=p",
)
LISTS = ("petition", "signature", "update", "delivery", "textversion", "auditentry")
Record = Callable[[str, object], None]
pytestmark = pytest.mark.django_db


@pytest.fixture
def own(petition: Petition) -> Values:
    """Return what stands in the addresses of one's own petition."""
    return rows_of(petition)


@pytest.fixture
def foreign(own: Values) -> Values:
    """Return what stands in those of another, every row of which has a word or a number that nothing else has."""
    sequences = query(
        "SELECT sequencename, last_value FROM pg_sequences WHERE starts_with(sequencename, 'signatures_')"
    )
    for name, _ in sequences:
        query(f"SELECT setval('{name}', {FIRST_NUMBER})")
    values: dict[str, Any] = {
        f"{name}_{code}": f"{WORD} {name}" for name in ("title", "summary", "body") for code in ("en", "ru")
    }
    values |= {"slug": f"{WORD}-petition", "contact": f"{WORD}@example.org", "erase_on": "2012-01-01"}
    other = factories.make_petition(**values)
    rows = rows_of(other)
    other.recipients.update(profile="NAMES")
    LeadPetitioner.objects.create(petition=other, name=f"{WORD} petitioner", address=f"{WORD} street")
    Update.objects.filter(petition=other).update(title_en=f"{WORD} news", title_ru=f"{WORD} news")
    Signature.objects.filter(petition=other).update(
        name=f"{WORD} signer", reason=None, state="HELD", state_reason="INVENTED"
    )
    actor = factories.make_organiser("Moderators", language="en", username=f"{WORD}-moderator")
    auditing.record(actor=actor, action=AuditAction.NAMES_VIEWED, petition=other, reason=f"{WORD} reason")
    for name, last in sequences:
        query(f"SELECT setval('{name}', {last or 1})")
    return rows


def links_of(page: str, path: str) -> set[str]:
    """Return the addresses of the desk to which a page leads; of a list with several choices, no further one."""
    found = {urljoin(path, html.unescape(link)) for link in LINK.findall(page)}
    desk = {link for link in found if link.startswith("/admin/") and not link.startswith(NOT_FOLLOWED)}
    return {link for link in desk if "&" not in urlsplit(link).query}


def kind_of(link: str) -> tuple[str, frozenset[str]]:
    """Return what makes a page another than one that was read: its path, and which choices are made."""
    parts = urlsplit(link)
    return parts.path, frozenset(part.partition("=")[0] for part in parts.query.split("&"))


@pytest.mark.parametrize("role", IN_A_PETITION)
def test_nothing_of_a_foreign_petition_stands_on_any_page_that_links_lead_to(
    petition: Petition, foreign: Values, role: str, record_property: Record
) -> None:
    client, waiting, seen, leaks = client_of(make_member(role, petition)), ["/admin/"], set(), {}
    while waiting:
        path = waiting.pop()
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        answer = client.get(path)
        # Some pages lead on to what not every role may do.
        assert answer.status_code in {200, 302, 403, 405}, (path, answer.status_code)
        page = b"".join(answer) if answer.streaming else answer.content
        is_text = answer.headers.get("Content-Type", "text/").startswith(("text/", "application/json"))
        text = page.decode() if is_text else ""
        found = [WORD] if WORD in text.casefold() else NUMBER.findall(text)
        if found:
            leaks[path] = found
        waiting += sorted(links_of(text, path))
        if answer.status_code == 302:
            waiting.append(urljoin(path, answer.headers["Location"]))
    assert leaks == {}
    pages = {path for path, _ in seen}
    assert len(pages) > 10
    assert f"/admin/signatures/petition/{petition.pk}/change/" in pages
    record_property(
        "figures", f"{role} in one petition: {len(seen)} pages at {len(pages)} addresses hold nothing foreign"
    )


def test_whoever_sees_everything_finds_the_word_and_the_numbers(foreign: Values) -> None:
    client = client_of(factories.make_organiser())
    for name in LISTS:
        page = read(client, f"/admin/signatures/{name}/")
        assert WORD in page.casefold(), name
    assert NUMBER.search(read(client, "/admin/signatures/signature/"))


@pytest.mark.parametrize("role", IN_A_PETITION)
def test_a_list_tells_nothing_of_foreign_rows_whatever_its_address_asks_for(
    petition: Petition, foreign: Values, role: str
) -> None:
    client = client_of(make_member(role, petition))
    missing = nowhere(foreign)
    for name in LISTS:
        path = f"/admin/signatures/{name}/"
        if client.get(path).status_code == 403:
            continue
        for lookup, row in ASKED.items():
            told = []
            for values in (foreign, missing):
                asked = f"{path}?{lookup}={values[row]}"
                status, _, _, page = said(client.get(asked), asked)
                told.append((status, page.replace(str(values[row]), "…") if status == 200 else ""))
            assert told[0] == told[1], (path, lookup)
        for lookup in PROBES:
            answer = client.get(f"{path}?{lookup}")
            assert answer.status_code in {302, 400}, lookup
            assert WORD not in answer.content.decode().casefold()


@pytest.mark.parametrize("role", ["Organisers", "Moderators"])
def test_rows_of_a_foreign_petition_are_not_found_under_the_address_of_ones_own(
    petition: Petition, foreign: Values, role: str
) -> None:
    client = client_of(make_member(role, petition))
    for number in (foreign["batch"], 999_999_999):
        path = f"/admin/signatures/petition/{petition.pk}/rules/{number}/"
        assert client.get(path).status_code == 404
    form = client.get(f"/admin/signatures/petition/{petition.pk}/rules/new/?like={foreign['signature']}")
    assert form.status_code == 200
    # The form holds the number that the address has given it, and nothing else of it.
    assert {*NUMBER.findall(form.content.decode())} == {str(foreign["signature"])}
    decided = client.post(f"/admin/signatures/signature/{foreign['signature']}/decide/", {"action": "CONFIRMED"})
    assert decided.status_code == 302
    theirs = Petition.objects.exclude(pk=petition.pk)
    assert Signature.objects.get(petition__in=theirs).state == "HELD"
    assert not AuditEntry.objects.filter(petition__in=theirs, action=AuditAction.SIGNATURE_RESTORED).exists()


def test_news_is_written_only_where_one_may_write(petition: Petition, foreign: Values) -> None:
    writer = make_member("Editors", petition)
    client = client_of(writer)
    page = read(client, "/admin/signatures/update/add/")
    assert OPTION.findall(page) == [str(petition.pk)]
    before = Update.objects.count()
    for number in (foreign["petition"], 999_999_999):
        answer = client.post("/admin/signatures/update/add/", {"petition": number, "title_en": "News"})
        assert answer.status_code == 200
        assert "Select a valid choice" in answer.content.decode()
    assert Update.objects.count() == before
    answer = client.post("/admin/signatures/update/add/", {"petition": petition.pk, "title_en": "News"})
    assert answer.status_code == 302
    assert Update.objects.filter(petition=petition, title_en="News").exists()


def test_a_role_in_one_petition_gives_no_right_in_another_where_one_has_a_smaller_role(petition: Petition) -> None:
    other = factories.make_petition()
    organiser = make_member("Moderators", petition)
    organiser.memberships.create(petition=other, role=factories.role_of("Editors"))
    client = client_of(organiser)
    signature = factories.make_signature(other)
    assert client.get(f"/admin/signatures/petition/{other.pk}/change/").status_code == 200
    for path in (
        f"/admin/signatures/petition/{other.pk}/names/",
        f"/admin/signatures/signature/{signature.pk}/change/",
        f"/admin/signatures/petition/{petition.pk}/publish/",
    ):
        assert client.get(path).status_code == 403, path
    path = f"/admin/signatures/signature/{signature.pk}/decide/"
    assert client.post(path, {"action": "HELD", "state_reason": "INVENTED"}).status_code == 403
    assert client.get(f"/admin/signatures/signature/?petition__id__exact={other.pk}").content.count(b"row-check") == 0


def test_the_list_of_somebody_with_some_petitions_begins_with_the_newest_of_these(petition: Petition) -> None:
    other, third = factories.make_petition(), factories.make_petition()
    for one in (petition, other, third):
        factories.make_signature(one, name=f"Signer of {one.pk}")
    client = client_of(make_member("Moderators", petition, other))
    answer = client.get("/admin/signatures/signature/?state__exact=CONFIRMED")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"?state__exact=CONFIRMED&petition__id__exact={other.pk}")
    page = read(client, answer.headers["Location"])
    assert f"Signer of {other.pk}" in page
    assert f"Signer of {third.pk}" not in page
    page = read(client, "/admin/signatures/signature/?q=signer")
    assert [f"Signer of {one.pk}" in page for one in (petition, other, third)] == [True, True, False]
