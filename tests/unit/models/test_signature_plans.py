"""A page of the list reads few rows, however long the list is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from signatures.admin.readonly import ROWS_REACHED_MAX
from signatures.admin.shown_rows import next_in_list
from signatures.admin.signature_list import SignatureAdmin
from signatures.models import Petition, Signature
from signatures.models.choices import SignatureState, Visibility
from tests.support import factories
from tests.support.database import rows_read
from tests.support.desk_clients import make_member
from tests.support.name_lists import add_signatures

pytestmark = pytest.mark.django_db
ROWS = 20_000
PAGE = 50
QUERIES = [
    "",
    *(f"state__exact={state}" for state in SignatureState),
    *(f"visibility__exact={visibility}" for visibility in Visibility),
    "language__exact=ru",
    "country=PL",
    "day=2011-01-01",
    "reasons=waiting",
    "reasons=shown",
    "why=HONEYPOT",
    "why=INVENTED",
    "names=WAITING",
    "names=HIDDEN",
    "rows=1-100000",
    "since=2011-01-01T00:00&until=2011-01-01T00:01",
    "since=2011-01-01T00:00",
    "until=2100-01-01T00:00",
    "like={like}",
    "q=zyzzyva",
    "q=nobody",
    "q=signer",
    "q=ŽYZZYVA",
    "q=zyz-zyva",
    "q=signer-1",
    "q=zyzzyva&language__exact=ru",
]


@pytest.fixture
def petition(db: None) -> Petition:
    """Return a petition with a long list, in which few signatures are held and few have a reason."""
    petition = factories.make_petition()
    add_signatures(petition, [f"Signer {number}" for number in range(ROWS)])
    first = list(Signature.objects.order_by("id").values_list("pk", flat=True)[:20])
    Signature.objects.filter(pk__in=first[:10]).update(state="HELD", state_reason="HONEYPOT", ever_counted=False)
    Signature.objects.filter(pk__in=first[10:]).update(
        visibility="PUBLIC", reason="Because", country="PL", language="ru"
    )
    Signature.objects.filter(pk__in=first[15:]).update(reason_approved=True, name="Zyzzyva")
    Signature.objects.filter(pk__in=first[10:13]).update(name_review="WAITING")
    Signature.objects.filter(pk__gt=first[-1] + ROWS // 2).update(domain_key=b"one domain")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE signatures_signature, signatures_petition, signatures_textversion")
    return petition


def reads(queryset: Any) -> float:
    """Run a query and return how many rows of signatures it has read."""
    plan = queryset.explain(analyze=True, format="json")
    # There is no plan for a query that is known to be empty.
    return rows_read(json.loads(plan)[0]["Plan"]) if plan else 0


def test_a_page_of_the_admin_list_reads_few_rows_whatever_the_filter(petition: Petition) -> None:
    organiser = factories.make_organiser()
    found = {}
    for query in QUERIES:
        like = Signature.objects.filter(domain_key__isnull=False).latest("pk").pk
        request = RequestFactory().get(f"/admin/signatures/signature/?{query.format(like=like)}")
        request.user = organiser
        changes = SignatureAdmin(Signature, admin.site).get_changelist_instance(request)
        found[query] = reads(changes.queryset[:PAGE])
    assert {query: rows for query, rows in found.items() if rows > ROWS_REACHED_MAX} == {}


@pytest.mark.parametrize("chosen", [True, False], ids=["that_were_not_chosen", "in_which_one_has_no_role"])
def test_nor_does_it_read_the_newer_signatures_of_petitions(petition: Petition, chosen: bool) -> None:
    other = factories.make_petition()
    add_signatures(other, [f"Another {number}" for number in range(ROWS)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE signatures_signature, signatures_petition, signatures_textversion")
    organiser = factories.make_organiser() if chosen else make_member("Moderators", petition)
    found = {}
    for query in (
        "",
        *(f"state__exact={state}" for state in SignatureState),
        "why=HONEYPOT",
        "rows=1-100000",
        "q=signer",
    ):
        limit = f"petition__id__exact={petition.pk}&" if chosen else ""
        request = RequestFactory().get(f"/admin/signatures/signature/?{limit}{query}")
        request.user = organiser
        rows = SignatureAdmin(Signature, admin.site).get_changelist_instance(request).queryset[:PAGE]
        assert {one.petition_id for one in rows} <= {petition.pk}
        found[query] = reads(rows.all())
    assert {query: rows for query, rows in found.items() if rows > ROWS_REACHED_MAX} == {}


def test_the_next_of_a_list_is_found_without_the_newer_ones_and_is_of_a_petition_in_which_one_has_a_role(
    petition: Petition,
) -> None:
    newest, before = Signature.objects.order_by("-pk")[:2]
    other = factories.make_petition()
    add_signatures(other, [f"Another {number}" for number in range(ROWS)])
    add_signatures(petition, ["The very newest"])
    of_other = Signature.objects.filter(petition=other).latest("pk")
    request = RequestFactory().get("/", {"_changelist_filters": ""})
    request.user = make_member("Moderators", petition)
    desk = SignatureAdmin(Signature, admin.site)
    assert next_in_list(desk, request, of_other) == newest.pk
    with CaptureQueriesContext(connection) as asked:
        assert next_in_list(desk, request, newest) == before.pk
    (sql,) = [one["sql"] for one in asked.captured_queries if "age" in one["sql"] or " + 0" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        assert rows_read(cursor.fetchone()[0][0]["Plan"]) <= ROWS_REACHED_MAX


def test_signatures_to_decide_on_are_found_without_scanning_the_list(petition: Petition) -> None:
    for rows in (Signature.objects.all().held(), Signature.objects.all().with_reason(approved=False)):
        assert 0 < reads(rows.order_by("-id")[:ROWS_REACHED_MAX]) <= 20
