"""Every address of the desk, and who gets there: to read, and to send a form."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from signatures.delivering.preview import latest_cut_off
from signatures.models import AuditEntry, Batch, BounceCount, Petition, Update
from signatures.moderating.batches import make_batch
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.database import query, tables

NO_ROLE = "no role"
ADMINISTRATORS = {"", "Administrators"}
ORGANISERS = {*ADMINISTRATORS, "Organisers"}
MODERATORS = {*ORGANISERS, "Moderators"}
WRITERS = {*ORGANISERS, "Editors"}
EVERY_ROLE = {*WRITERS, *MODERATORS, "Auditors"}
PAGES = {
    "/admin/": {*EVERY_ROLE, NO_ROLE},
    "/admin/password_change/": {*EVERY_ROLE, NO_ROLE},
    "/admin/alerts/": {*EVERY_ROLE, NO_ROLE},
    "/admin/shown-text/": set(),
    "/admin/{app_label}/": EVERY_ROLE,
    "/admin/signatures/petition/": EVERY_ROLE,
    "/admin/signatures/petition/add/": WRITERS,
    "/admin/signatures/petition/{petition}/change/": EVERY_ROLE,
    "/admin/signatures/petition/{petition}/history/": EVERY_ROLE,
    "/admin/signatures/petition/{petition}/preview/{language}/": EVERY_ROLE,
    "/admin/signatures/petition/{petition}/numbers.csv": EVERY_ROLE,
    "/admin/signatures/petition/{petition}/publish/": ORGANISERS,
    "/admin/signatures/petition/{petition}/export/": ORGANISERS,
    "/admin/signatures/petition/{petition}/hand-over/": ORGANISERS,
    "/admin/signatures/petition/{petition}/lead-petitioner/": ORGANISERS,
    "/admin/signatures/petition/{petition}/names/": MODERATORS,
    "/admin/signatures/petition/{petition}/reasons/": MODERATORS,
    "/admin/signatures/petition/{petition}/waves/": MODERATORS,
    "/admin/signatures/petition/{petition}/rules/": MODERATORS,
    "/admin/signatures/petition/{petition}/rules/new/": MODERATORS,
    "/admin/signatures/petition/{petition}/rules/{batch}/": MODERATORS,
    "/admin/signatures/petition/{petition}/purge/": ADMINISTRATORS,
    "/admin/signatures/petition/{petition}/delete/": set(),
    "/admin/signatures/delivery/{delivery}/history/": {*ORGANISERS, "Auditors"},
    "/admin/signatures/delivery/": {*ORGANISERS, "Auditors"},
    "/admin/signatures/delivery/{delivery}/change/": {*ORGANISERS, "Auditors"},
    "/admin/signatures/delivery/check/": {*ORGANISERS, "Auditors"},
    "/admin/signatures/delivery/add/": set(),
    "/admin/signatures/delivery/{delivery}/delete/": set(),
    "/admin/signatures/signature/": MODERATORS,
    "/admin/signatures/signature/{signature}/change/": MODERATORS,
    "/admin/signatures/signature/{signature}/history/": MODERATORS,
    "/admin/signatures/signature/{signature}/decide/": set(),
    "/admin/signatures/signature/{signature}/erase/": ORGANISERS,
    "/admin/signatures/signature/add/": set(),
    "/admin/signatures/signature/{signature}/delete/": set(),
    "/admin/signatures/update/": {*WRITERS, "Auditors"},
    "/admin/signatures/update/add/": WRITERS,
    "/admin/signatures/update/{update}/change/": {*WRITERS, "Auditors"},
    "/admin/signatures/update/{update}/history/": {*WRITERS, "Auditors"},
    "/admin/signatures/update/{update}/delete/": set(),
    "/admin/signatures/textversion/": EVERY_ROLE,
    "/admin/signatures/textversion/{version}/change/": EVERY_ROLE,
    "/admin/signatures/textversion/{version}/history/": EVERY_ROLE,
    "/admin/signatures/textversion/{version}/delete/": set(),
    "/admin/signatures/textversion/add/": set(),
    "/admin/signatures/auditentry/": {*ADMINISTRATORS, "Auditors"},
    "/admin/signatures/auditentry/{entry}/change/": {*ADMINISTRATORS, "Auditors"},
    "/admin/signatures/auditentry/{entry}/history/": {*ADMINISTRATORS, "Auditors"},
    "/admin/signatures/auditentry/{entry}/delete/": set(),
    "/admin/signatures/auditentry/add/": set(),
    "/admin/signatures/bouncecount/": ADMINISTRATORS,
    "/admin/signatures/bouncecount/{bounces}/change/": ADMINISTRATORS,
    "/admin/signatures/bouncecount/{bounces}/history/": ADMINISTRATORS,
    "/admin/signatures/bouncecount/{bounces}/delete/": set(),
    "/admin/signatures/bouncecount/add/": set(),
    "/admin/signatures/organiser/": ADMINISTRATORS,
    "/admin/signatures/organiser/add/": ADMINISTRATORS,
    "/admin/signatures/organiser/{organiser}/change/": ADMINISTRATORS,
    "/admin/signatures/organiser/{organiser}/password/": ADMINISTRATORS,
    "/admin/signatures/organiser/{organiser}/history/": ADMINISTRATORS,
    "/admin/signatures/organiser/{organiser}/delete/": ADMINISTRATORS,
}
# A form is taken from others than those who may read, or from nobody.
FORMS = {
    "/admin/shown-text/": {*EVERY_ROLE, NO_ROLE},
    "/admin/signatures/petition/{petition}/change/": WRITERS,
    "/admin/signatures/petition/{petition}/preview/{language}/": set(),
    "/admin/signatures/petition/{petition}/numbers.csv": set(),
    "/admin/signatures/petition/{petition}/rules/": set(),
    "/admin/signatures/delivery/{delivery}/change/": ORGANISERS,
    "/admin/signatures/signature/{signature}/change/": set(),
    "/admin/signatures/signature/{signature}/decide/": MODERATORS,
    "/admin/signatures/update/{update}/change/": WRITERS,
    "/admin/signatures/textversion/{version}/change/": set(),
    "/admin/signatures/auditentry/{entry}/change/": set(),
    "/admin/signatures/bouncecount/{bounces}/change/": set(),
}
# Without a word about what to do this page refuses everybody.
WORDS = {"/admin/signatures/delivery/{delivery}/change/": {"action": "answered"}}
# What is not a page of its own, with the reason.
ELSEWHERE = {
    "/admin/login/": "for everybody",
    "/admin/logout/": "ends the session",
    "/admin/password_change/done/": "one sentence for whoever has an account",
    "/admin/jsi18n/": "words for Django's scripts",
    "/admin/autocomplete/": "nothing is offered for it",
    "/admin/r/{content_type_id}/{object_id}/": "leads to nothing, since no model has an address of its own",
    "/admin/{url}": "everything else: not found, or led to the same with a slash",
    **{
        f"/admin/signatures/{name}/{{object_id}}/": "leads to the page for changing"
        for name in (
            "auditentry",
            "bouncecount",
            "delivery",
            "organiser",
            "petition",
            "signature",
            "textversion",
            "update",
        )
    },
}
READ = {200}
TAKEN = {200, 302, 400, 422}
REFUSED = {403, 404, 405}
ROLES = pytest.mark.parametrize("role", sorted(EVERY_ROLE | {NO_ROLE}))
# What a request changes whatever it asks for.
NO_MATTER = {"django_session", "signatures_ratelimit"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(petition: Petition) -> dict[str, object]:
    """Return what stands in the addresses: the number of a row of each kind."""
    signature = factories.make_signature(petition)
    # The test's transaction may have begun before this minute.
    cut_off = latest_cut_off() - timedelta(minutes=1)
    return {
        "petition": petition.pk,
        "signature": signature.pk,
        "batch": make_batch(rule=Batch(petition=petition), actor=factories.make_organiser("Moderators")).pk,
        "version": signature.text_version_id,
        "organiser": factories.make_organiser("Editors").pk,
        "delivery": factories.make_delivery(signature.petition, cut_off=cut_off).pk,
        "update": Update.objects.create(petition=petition, title_en="A headline").pk,
        "bounces": BounceCount.objects.create(provider="gmail.com", kind="PERMANENT", amount=1).pk,
        "entry": AuditEntry.objects.latest("pk").pk,
        "language": "en",
        "app_label": "signatures",
    }


def client_of(role: str) -> Client:
    """Return the browser of somebody with a role, logged in and with the token of the desk's forms."""
    organiser = factories.make_organiser("Auditors" if role == NO_ROLE else role)
    if role == NO_ROLE:
        organiser.groups.clear()
    client = Client(enforce_csrf_checks=True)
    client.force_login(organiser)
    client.get("/admin/password_change/")
    client.defaults["HTTP_X_CSRFTOKEN"] = client.cookies["csrf"].value
    return client


def everything() -> dict[str, str]:
    """Return a digest of each table."""
    digest = "SELECT coalesce(md5(string_agg(rows::text, ',' ORDER BY rows::text)), '') FROM \"{}\" AS rows"
    return {name: query(digest.format(name))[0][0] for name in tables() if name not in NO_MATTER}


def test_every_address_of_the_desk_is_tried_or_has_a_reason() -> None:
    def shape(path: str) -> str:
        return re.sub(r"{\w+}", "{}", path)

    there = {shape(route.pattern) for route in all_routes() if route.is_admin}
    tried, elsewhere = set(map(shape, PAGES)), set(map(shape, ELSEWHERE))
    assert len(there) > 50
    assert tried | elsewhere == there
    assert not tried & elsewhere
    assert FORMS.keys() <= PAGES.keys()


@ROLES
def test_each_role_opens_its_own_pages_and_no_other(rows: dict[str, object], role: str) -> None:
    client = client_of(role)
    opened = {path: client.get(path.format(**rows)).status_code for path in PAGES}
    assert {
        path: status for path, status in opened.items() if status not in (READ if role in PAGES[path] else REFUSED)
    } == {}


@ROLES
def test_no_role_changes_anything_by_a_form_that_is_not_for_it(rows: dict[str, object], role: str) -> None:
    client = client_of(role)
    roles = {path: FORMS.get(path, PAGES[path]) for path in PAGES}

    def send(path: str) -> int:
        return client.post(path.format(**rows), WORDS.get(path, {})).status_code

    before = everything()
    refused = {path: send(path) for path in PAGES if role not in roles[path]}
    assert {path: status for path, status in refused.items() if status not in REFUSED} == {}
    assert everything() == before
    taken = {path: send(path) for path in PAGES if role in roles[path]}
    assert {path: status for path, status in taken.items() if status not in TAKEN} == {}


@ROLES
def test_what_leads_on_leads_no_further_than_the_role_may_go(rows: dict[str, object], role: str) -> None:
    client = client_of(role)
    before = everything()
    for path in ELSEWHERE:
        if path not in {"/admin/login/", "/admin/logout/"}:
            example = path.format(**rows, object_id=1, content_type_id=1, url="nowhere")
            for answer in (client.get(example), client.post(example)):
                assert answer.status_code in {200, 301, 302, 400, 403, 404, 405}, path
                if answer.status_code == 200:
                    assert path in {"/admin/password_change/done/", "/admin/jsi18n/"}
    assert everything() == before
