"""Every address of the desk, and who gets there: by role, petition, second factor and method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.models import Petition
from tests.support import factories
from tests.support.database import query, tables
from tests.support.desk_addresses import ADDRESSES, ELSEWHERE, Address, names_a_row, unknown_addresses
from tests.support.desk_clients import HOLDERS, Holder, Values, account_of, client_of, nowhere, rows_of, said

READ = {200}
TAKEN = {200, 302, 400, 422}
REFUSED = {403, 404, 405}
# Where those are led who have not given their second factor.
TO_LOG_IN = ("/admin/login/", "/admin/second-factor/")
HOLDER = pytest.mark.parametrize("holder", HOLDERS, ids=str)
# What a request changes whatever it asks for.
# What was noted before is copied into the erasure journal by the next form, whoever sends it.
NO_MATTER = {"signatures_session", "signatures_ratelimit", "signatures_auditseal", "signatures_erasure"}
Record = Callable[[str, object], None]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def factor_is_required(settings: Settings) -> None:
    """Require a second factor, as in production."""
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def own(petition: Petition) -> Values:
    """Return what stands in the addresses of a petition in which the roles of one petition hold."""
    return rows_of(petition)


@pytest.fixture
def foreign(petition: Petition) -> Values:
    """Return what stands in those of another."""
    return rows_of(factories.make_petition())


def everything() -> dict[str, str]:
    """Return a digest of each table."""
    digest = "SELECT coalesce(md5(string_agg(rows::text, ',' ORDER BY rows::text)), '') FROM \"{}\" AS rows"
    return {name: query(digest.format(name))[0][0] for name in tables() if name not in NO_MATTER}


def send(client: Client, method: str, path: str, address: Address) -> Any:
    """Send a request as a browser would, and take the whole answer."""
    answer = client.get(path) if method == "GET" else client.post(path, address.words)
    if answer.streaming:
        # What is left unread would be ended, and recorded, in another test.
        b"".join(answer)
    # The list of signatures opens on the newest petition of several.
    narrowed = answer.headers.get("Location", "").startswith(f"{path}?petition__id__exact=")
    return client.get(answer.headers["Location"]) if narrowed else answer


def requests(own: Values, foreign: Values) -> Iterator[tuple[str, str, Address, bool, str]]:
    """Yield template, path, table row, whether it is of a foreign petition, and method of every request."""
    for template, address in ADDRESSES.items():
        for values in (own, foreign) if names_a_row(template) else (own,):
            for method in ("GET", "POST"):
                yield template, template.format(**values), address, values is foreign, method


def test_every_address_of_the_desk_is_in_the_table_or_has_a_reason() -> None:
    assert len(ADDRESSES) > 50
    assert unknown_addresses() == set()
    assert not ADDRESSES.keys() & ELSEWHERE.keys()


@HOLDER
def test_each_role_gets_where_it_may_in_its_petition_and_nowhere_else(
    petition: Petition, own: Values, foreign: Values, holder: Holder, record_property: Record
) -> None:
    client, taken = client_of(account_of(holder, petition)), []
    wrong: dict[tuple[str, str], tuple[object, ...]] = {}
    tried: Counter[str] = Counter()
    before = everything()
    for template, path, address, is_foreign, method in requests(own, foreign):
        may = (holder.opens if method == "GET" else holder.sends)(address)
        if may and (holder.knows_all or not is_foreign):
            taken.append((method, path, address))
            tried["allowed"] += 1
            continue
        answer = send(client, method, path, address)
        told = said(answer, path)
        if is_foreign and not holder.knows_all:
            tried["foreign"] += 1
            missing = template.format(**nowhere(foreign))
            same = told == said(send(client, method, missing, address), missing)
            # The page of a signature may have been left open until its signer withdrew it.
            gone = told[0] == 302 and told[2] == "/admin/signatures/signature/"
            if not same or not (told[0] in {403, 404, 405} or gone):
                wrong[method, path] = told[:3]
        else:
            tried["refused"] += 1
            if told[0] not in REFUSED or (holder.is_member and told[0] == 404):
                wrong[method, path] = told[:3]
    assert wrong == {}
    assert everything() == before
    for method, path, address in sorted(taken, key=lambda one: one[0]):
        status = send(client, method, path, address).status_code
        if status not in (READ if method == "GET" else TAKEN):
            wrong[method, path] = (status,)
    assert wrong == {}
    record_property("figures", f"{holder}, with a second factor: {dict(tried)} of {tried.total()} combinations")


@HOLDER
def test_without_the_second_factor_every_address_but_those_for_giving_it_leads_to_the_login(
    petition: Petition, own: Values, foreign: Values, holder: Holder, record_property: Record
) -> None:
    client, wrong, tried = client_of(account_of(holder, petition), with_factor=False), {}, 0
    before = everything()
    for _template, path, address, _is_foreign, method in requests(own, foreign):
        if not address.needs_factor:
            continue
        tried += 1
        answer = send(client, method, path, address)
        # What was typed is given back, to be sent again after logging in.
        is_kept = method == "POST" and answer.status_code == 403 and 'class="kept"' in answer.content.decode()
        # A picture of strangers is refused before it is read.
        is_kept = is_kept or (method, answer.status_code, path[-9:]) == ("POST", 403, "/picture/")
        if not is_kept and (answer.status_code != 302 or not answer.headers["Location"].startswith(TO_LOG_IN)):
            wrong[method, path] = answer.status_code
    assert wrong == {}
    assert everything() == before
    record_property("figures", f"{holder}, without a second factor: {tried} combinations")


@HOLDER
def test_what_leads_on_leads_no_further_than_the_role_may_go(
    petition: Petition, own: Values, foreign: Values, holder: Holder
) -> None:
    client = client_of(account_of(holder, petition))
    before = everything()
    for path in ELSEWHERE:
        if path not in {"/admin/login/", "/admin/logout/"}:
            for number in (petition.pk, foreign["petition"]):
                example = path.format(**own, object_id=number, content_type_id=1, url="nowhere")
                for answer in (client.get(example), client.post(example)):
                    assert answer.status_code in {200, 301, 302, 400, 403, 404, 405, 422}, path
                    if answer.status_code == 200:
                        assert path in {"/admin/password_change/done/", "/admin/jsi18n/"} or "/second-factor/" in path
    assert everything() == before
