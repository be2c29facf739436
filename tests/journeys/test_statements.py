"""How many statements each address costs, however much there is to show; a new address has to be entered here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from petition_site import middleware
from signatures import tokens
from signatures.models import Petition
from signatures.safeguarding import keys
from signatures.texts import shown_version
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.every_route import Site, fill, let_it_grow
from tests.support.mailbox import Mailbox
from tests.support.news_mails import token_of

pytestmark = pytest.mark.django_db

READING = {
    "/": 1,
    "/{language}/": 4,
    "/{language}/page/1/": 0,
    "/{language}/page/{number}/": 4,
    "/{language}/petitions/{slug}/": 9,
    "/{language}/petitions/{slug}/sent/": 4,
    "/{language}/petitions/{slug}/thanks/": 3,
    "/{language}/petitions/{slug}/my-signature/": 3,
    "/{language}/petitions/{slug}/news-by-mail/": 3,
    "/{language}/petitions/{slug}/deliveries/": 5,
    "/{language}/petitions/{slug}/deliveries/{number}/manifest.json": 3,
    "/{language}/petitions/{slug}/deliveries/{number}/manifest.sig": 3,
    "/{language}/petitions/{slug}/deliveries/{number}/public-key.pem": 3,
    "/{language}/petitions/{slug}/updates/": 5,
    "/{language}/petitions/{slug}/feed.atom": 6,
    "/{language}/petitions/{slug}/signers/": 4,
    "/{language}/petitions/{slug}/ledger/": 5,
    "/{language}/petitions/{slug}/ledger.json": 3,
    "/{language}/petitions/{slug}/text/{number}/": 10,
    "/{language}/petitions/{slug}/card.png": 6,
    "/{language}/petitions/{slug}/qr.png": 2,
    "/{language}/petitions/{slug}/badge.png": 5,
    "/{language}/confirm/": 0,
    "/{language}/confirm/{code}/": 2,
    "/{language}/my-signature/{token}/": 6,
    "/{language}/no-mail/{token}/": 0,
    "/{language}/no-alerts/{token}/": 0,
    "/{language}/news-by-mail/{token}/": 3,
    "/{language}/no-news/{token}/": 0,
    "/{language}/privacy/": 7,
    "/{language}/accessibility/": 4,
    "/api/petitions/{slug}.json": 5,
    "/api/petitions/{slug}.csv": 3,
    "/logo/{digest}": 0,
    "/picture/{digest}/{size}.webp": 1,
    "/sitemap.xml": 1,
    "/robots.txt": 0,
    "/.well-known/security.txt": 1,
    "/.well-known/mirrors.txt": 0,
    "/.well-known/mirrors.sig": 0,
    "/.well-known/mirrors.pem": 0,
    "/-/live": 0,
    "/-/ready": 25,
    "/-/metrics": 8,
    "/admin/": 20,
    "/admin/login/": 2,
    "/admin/logout/": 2,
    "/admin/password_change/": 2,
    "/admin/password_change/done/": 2,
    "/admin/alerts/": 3,
    "/admin/account/": 3,
    "/admin/signatures/petition/{pk}/people/": 10,
    "/admin/guide/": 2,
    "/admin/guide/{page}/": 2,
    "/admin/set-password/{token}/": 3,
    "/admin/signatures/organiser/{pk}/link/": 2,
    "/admin/signatures/organiser/{pk}/close/": 3,
    "/admin/signatures/organiser/{pk}/open/": 3,
    "/admin/sessions/": 3,
    "/admin/switches/": 3,
    "/admin/logged-in/": 2,
    "/admin/approvals/": 4,
    "/admin/approvals/{pk}/": 6,
    "/admin/second-factor/": 2,
    "/admin/second-factor/password/": 2,
    "/admin/second-factor/set-up/": 3,
    "/admin/second-factor/set-up/qr.png": 2,
    "/admin/second-factor/mine/": 5,
    "/admin/second-factor/codes/": 2,
    "/admin/second-factor/remove/{kind}/{pk}/": 5,
    "/admin/second-factor/of/{pk}/": 5,
    "/admin/second-factor/passkey/begin/": 2,
    "/admin/second-factor/passkey/complete/": 2,
    "/admin/second-factor/passkey/add/begin/": 2,
    "/admin/second-factor/passkey/add/complete/": 2,
    "/admin/autocomplete/": 2,
    "/admin/jsi18n/": 2,
    "/admin/shown-text/": 2,
    "/admin/signatures/bouncecount/": 4,
    "/admin/signatures/bouncecount/add/": 2,
    "/admin/signatures/bouncecount/{object_id}/history/": 4,
    "/admin/signatures/bouncecount/{object_id}/delete/": 3,
    "/admin/signatures/bouncecount/{object_id}/change/": 3,
    "/admin/signatures/bouncecount/{object_id}/": 2,
    "/admin/signatures/delivery/check/": 2,
    "/admin/signatures/delivery/": 5,
    "/admin/signatures/delivery/add/": 2,
    "/admin/signatures/delivery/{object_id}/history/": 4,
    "/admin/signatures/delivery/{object_id}/delete/": 3,
    "/admin/signatures/delivery/{object_id}/change/": 6,
    "/admin/signatures/delivery/{object_id}/": 2,
    "/admin/signatures/update/": 6,
    "/admin/signatures/update/add/": 4,
    "/admin/signatures/update/{pk}/publish/": 6,
    "/admin/signatures/update/{pk}/preview/{language}/": 7,
    "/admin/signatures/update/{object_id}/history/": 4,
    "/admin/signatures/update/{object_id}/delete/": 3,
    "/admin/signatures/update/{object_id}/change/": 4,
    "/admin/signatures/update/{object_id}/": 2,
    "/admin/signatures/organiser/{pk}/sessions/": 4,
    "/admin/signatures/organiser/": 8,
    "/admin/signatures/organiser/add/": 6,
    "/admin/signatures/organiser/{object_id}/history/": 6,
    "/admin/signatures/organiser/{object_id}/delete/": 5,
    "/admin/signatures/organiser/{object_id}/change/": 6,
    "/admin/signatures/organiser/{object_id}/": 2,
    "/admin/signatures/petition/{pk}/preview/{language}/": 7,
    "/admin/signatures/petition/{pk}/numbers.csv": 5,
    "/admin/signatures/petition/{pk}/publish/": 8,
    "/admin/signatures/petition/{pk}/online/": 6,
    "/admin/signatures/petition/{pk}/link/": 6,
    "/admin/signatures/petition/{pk}/link/{language}/{name}": 4,
    "/admin/signatures/petition/{pk}/close/": 3,
    "/admin/signatures/petition/{pk}/archive/": 3,
    "/admin/signatures/petition/{pk}/duplicate/": 3,
    "/admin/signatures/petition/{pk}/delete-draft/": 7,
    "/admin/signatures/petition/{pk}/export/": 6,
    "/admin/signatures/petition/{pk}/hand-over/": 6,
    "/admin/signatures/petition/{pk}/lead-petitioner/": 4,
    "/admin/signatures/petition/{pk}/names/": 6,
    "/admin/signatures/petition/{pk}/reasons/": 5,
    "/admin/signatures/petition/{pk}/waves/": 5,
    "/admin/signatures/petition/{pk}/rules/": 4,
    "/admin/signatures/petition/{pk}/rules/new/": 4,
    "/admin/signatures/petition/{pk}/rules/{number}/": 6,
    "/admin/signatures/petition/{pk}/paper/": 5,
    "/admin/signatures/petition/{pk}/paper/{number}/": 6,
    "/admin/signatures/petition/{pk}/paper/{number}/sheets.pdf": 8,
    "/admin/signatures/petition/{pk}/paper/sheets/{number}/": 7,
    "/admin/signatures/petition/{pk}/picture/": 4,
    "/admin/signatures/petition/{pk}/picture/{size}.webp": 4,
    "/admin/signatures/petition/{pk}/purge/": 8,
    "/admin/signatures/petition/": 6,
    "/admin/signatures/petition/add/": 2,
    "/admin/signatures/petition/{object_id}/history/": 4,
    "/admin/signatures/petition/{object_id}/delete/": 3,
    "/admin/signatures/petition/{object_id}/change/": 12,
    "/admin/signatures/petition/{object_id}/": 2,
    "/admin/signatures/textversion/": 5,
    "/admin/signatures/textversion/add/": 2,
    "/admin/signatures/textversion/{object_id}/history/": 4,
    "/admin/signatures/textversion/{object_id}/delete/": 3,
    "/admin/signatures/textversion/{object_id}/change/": 4,
    "/admin/signatures/textversion/{object_id}/": 2,
    "/admin/signatures/auditentry/": 17,
    "/admin/signatures/auditentry/add/": 2,
    "/admin/signatures/auditentry/check/": 2,
    "/admin/signatures/auditentry/export/": 2,
    "/admin/signatures/auditentry/{object_id}/history/": 6,
    "/admin/signatures/auditentry/{object_id}/delete/": 5,
    "/admin/signatures/auditentry/{object_id}/change/": 10,
    "/admin/signatures/auditentry/{object_id}/": 2,
    "/admin/signatures/signature/{pk}/decide/": 2,
    "/admin/signatures/signature/{pk}/erase/": 8,
    "/admin/signatures/signature/": 8,
    "/admin/signatures/signature/add/": 2,
    "/admin/signatures/signature/{object_id}/history/": 4,
    "/admin/signatures/signature/{object_id}/delete/": 3,
    "/admin/signatures/signature/{object_id}/change/": 9,
    "/admin/signatures/signature/{object_id}/": 2,
    "/admin/{app_label}/": 2,
}
SENDING = {
    "sign": 3,
    "sign with a mistake": 11,
    "sign a text that has changed": 11,
    "ask for a link": 5,
    "type a code": 1,
    "confirm": 4,
    "confirm an unknown code": 2,
    "lower": 9,
    "withdraw": 9,
    "stop mails": 3,
    "end alerts": 3,
    "ask for news": 5,
    "confirm the wish for news": 6,
    "end news": 3,
}
# There is no second page where there is little.
SECOND_PAGE = "/{language}/page/{number}/"
# Addresses of the desk that are no page, or ask nothing of the database that grows.
ELSEWHERE = {
    "/admin/r/{content_type_id}/{object_id}/": "leads to nothing, since no model has an address of its own",
    "/admin/{url}": "everything else: not found, or led to the same with a slash",
}
TOKEN = "a token of the operator"
HEADERS = {"sec-fetch-site": "same-origin", "authorization": f"Bearer {TOKEN}"}
# Around what a request does in a transaction of its own.
FRAMING = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


def statements(site: Site, path: str, form: Mapping[str, str] | None = None) -> int:
    """Return how many statements an address costs in a process that has kept nothing; what is sent is undone."""
    visitors = [Client(headers=HEADERS) for _ in range(2)]
    first, second = [site.organiser] * 2 if path.startswith("/admin/") else visitors
    with transaction.atomic():
        # What is looked up once in the life of a process, and what is prepared on a connection.
        first.get(path)
        shown_version._recent.clear()
        with CaptureQueriesContext(connection) as asked:
            response = second.get(path) if form is None else second.post(path, form)
        assert response.status_code < 500, path
        transaction.set_rollback(True)
    return len([one for one in asked.captured_queries if not one["sql"].startswith(FRAMING)])


def read(site: Site) -> dict[str, int]:
    """Return what it costs to open each address."""
    routes = [route for route in all_routes() if route.pattern not in ELSEWHERE]
    return {route.pattern: statements(site, site.path_of(route)) for route in routes}


def send(site: Site) -> dict[str, int]:
    """Return what it costs to send each form."""
    language, slug, code, token = (site.values[name] for name in ("language", "slug", "code", "token"))
    page = f"/{language}/petitions/{slug}/"
    stop = tokens.no_mail_token(keys.mail_key("a@example.org"))
    forms: dict[str, tuple[str, dict[str, str]]] = {
        "sign": (page, factories.sign_form(site.petition)),
        "sign with a mistake": (page, factories.sign_form(site.petition, email="nobody")),
        "sign a text that has changed": (page, factories.sign_form(site.petition, version="1")),
        "ask for a link": (f"{page}my-signature/", {"email": "a@example.org"}),
        "type a code": (f"/{language}/confirm/", {"code": str(code)}),
        "confirm": (f"/{language}/confirm/{code}/", {"visibility": "PUBLIC", "press": "this browser"}),
        "confirm an unknown code": (f"/{language}/confirm/-/", {"visibility": "PUBLIC", "press": "this browser"}),
        "lower": (f"/{language}/my-signature/{token}/", {"action": "COUNTED"}),
        "withdraw": (f"/{language}/my-signature/{token}/", {"action": "WITHDRAW"}),
        "stop mails": (f"/{language}/no-mail/{stop}/", {}),
        "ask for news": (f"{page}news-by-mail/", {"email": "a@example.org", "wanted": "on"}),
        "confirm the wish for news": (f"/{language}/news-by-mail/{token_of(site.petition)}/", {}),
        "end news": (f"/{language}/no-news/{tokens.no_news_token(uuid4())}/", {}),
        "end alerts": (f"/{language}/no-alerts/{tokens.no_alerts_token(uuid4())}/", {}),
    }
    return {name: statements(site, path, form) for name, (path, form) in forms.items()}


@pytest.fixture
def site(
    ordinary: Petition,
    mailbox: Mailbox,
    organiser_client: Callable[[str], Client],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    """Return the site of an ordinary petition, whose count is live."""
    # A process that has served for a minute tells others once that its proxy is right.
    monkeypatch.setattr(middleware, "REPORT_SECONDS", math.inf)
    settings.FORM_RATES = ["10000/m"]
    settings.METRICS_TOKEN = TOKEN
    Petition.objects.update(erase_on="2100-01-01", news_by_mail=True)
    return fill(ordinary, mailbox, organiser_client(""))


def test_every_address_costs_so_many_statements_and_no_more_where_there_is_far_more_to_show(site: Site) -> None:
    few = read(site)
    assert few | {SECOND_PAGE: READING[SECOND_PAGE]} == READING
    let_it_grow(site)
    # The only petition is read to be chosen at once; of several, none is. An outdated text is not printed.
    printing = "/admin/signatures/petition/{pk}/paper/{number}/sheets.pdf"
    assert read(site) == READING | {"/admin/signatures/organiser/add/": 5, printing: 7}


def test_every_form_costs_so_many_statements_and_no_more_where_there_is_far_more(site: Site) -> None:
    assert send(site) == SENDING
    let_it_grow(site)
    assert send(site) == SENDING
