"""The response time reveals nothing about what an address or a code has done before."""

from __future__ import annotations

import gc
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

import pytest

from tests.support.attacks.address_histories import STATES, People, Person, get, post
from tests.support.attacks.rank_tests import Difference, differences
from tests.support.attacks.raw_http import Wire
from tests.support.server.web_site import WebSite, signer, web_site

pytestmark = pytest.mark.xdist_group("attacks")

# Of each history, as many as show a delay of a millisecond; with thousands smaller differences show (and
# -o faulthandler_timeout=0 lets them take their time).
SAMPLES = int(os.environ.get("TIMING_SAMPLES") or 150)
WARM_UP = 30
FOLD_EVERY = 500
UNLIMITED = {"FORM_RATES": "1000000/m"}
CONFIRMING = ("new", "repeat", "held", "held by a trap", "removed", "removed and withdrawn", "attempts wait")
LOWERING = (*CONFIRMING, "public", "seen by no one")
DELAY = """
CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM signatures_signature WHERE email_key = ANY (NEW.email_keys) AND state = 'HELD') THEN
        PERFORM pg_sleep(0.001);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER linger BEFORE INSERT ON signatures_attempt FOR EACH ROW EXECUTE FUNCTION linger();
"""
Requests = Mapping[Person, bytes]
EMPTY_TALLIES = (
    "SET signatures.folding TO on; DELETE FROM signatures_tally; DELETE FROM signatures_hourtally",
    "VACUUM signatures_tally, signatures_hourtally",
)


@pytest.fixture(scope="module")
def people(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Return those who visit a site of one process, which answers one request after the other."""
    with web_site(loaded_database, tmp_path_factory.mktemp("timing"), UNLIMITED | {"WEB_WORKERS": "1"}) as site:
        yield People(site)


def measure(site: WebSite, requests: Requests, status: int, times: defaultdict[str, list[float]]) -> None:
    """Send the requests in any order, and add how long each history's answers took."""
    order = list(requests)
    random.shuffle(order)
    gc.disable()
    try:
        with closing(Wire(site.port)) as wire:
            for number, person in enumerate(order):
                if number % FOLD_EVERY == 0:
                    # No worker folds here, and every page would have to count what was written.
                    for statement in EMPTY_TALLIES:
                        site.query(statement)
                begin = time.perf_counter()
                answer = wire.send(requests[person])
                seconds = time.perf_counter() - begin
                assert answer is not None
                assert answer.status == status, answer
                # The first ones find nothing prepared.
                if number >= WARM_UP:
                    times[person.history].append(seconds)
    finally:
        gc.enable()


def compare(
    site: WebSite, requests: Requests, status: int, request: pytest.FixtureRequest
) -> dict[tuple[str, str], Difference]:
    """Measure once, as often as was said before, and return which histories can be told apart."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    measure(site, requests, status, times)
    found = differences(times)
    (pair, worst) = max(found.items(), key=lambda item: abs(item[1].shift))
    gap = max(one.gap for one in found.values())
    figures = f"{min(map(len, times.values()))} of each, worst {worst.shift:+.3f} ({' and '.join(pair)}), gap {gap:.3f}"
    request.node.user_properties.append(("figures", figures))
    return {pair: one for pair, one in found.items() if one.is_significant}


def sign_forms(people: People, samples: int = SAMPLES, histories: Sequence[str] = tuple(STATES)) -> Requests:
    """Return a sign form for new people of each history."""
    path = f"/en/petitions/{people.slug}/"
    return {person: post(path, signer(email=person.address)) for person in people.of_each(samples, histories)}


def confirm_forms(people: People) -> Requests:
    """Return the button of the confirm page for new people of each history."""
    codes = people.codes_for(people.of_each(SAMPLES, CONFIRMING))
    return {person: post(f"/en/confirm/{code}/", {"visibility": "DELIVERED"}) for person, code in codes.items()}


def test_signing_takes_as_long_with_each_history(people: People, request: pytest.FixtureRequest) -> None:
    assert compare(people.site, sign_forms(people), 303, request) == {}


def test_asking_for_a_link_takes_as_long_with_each_history(people: People, request: pytest.FixtureRequest) -> None:
    path = f"/en/petitions/{people.slug}/my-signature/"
    forms = {person: post(path, {"email": person.address}) for person in people.of_each(SAMPLES)}
    assert compare(people.site, forms, 200, request) == {}


def test_confirming_takes_as_long_with_each_history(people: People, request: pytest.FixtureRequest) -> None:
    assert compare(people.site, confirm_forms(people), 303, request) == {}


@pytest.mark.parametrize("action", ["DELIVERED", "COUNTED", "WITHDRAW"])
def test_lowering_and_withdrawing_take_as_long_with_each_history(
    people: People, action: str, request: pytest.FixtureRequest
) -> None:
    forms = {
        person: post(f"/en/my-signature/{token}/", {"action": action})
        for person, token in people.my_signature_tokens(people.of_each(SAMPLES, LOWERING)).items()
    }
    assert compare(people.site, forms, 200, request) == {}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_code_that_does_not_work_takes_as_long_whatever_is_wrong_with_it(
    people: People, method: str, request: pytest.FixtureRequest
) -> None:
    def press(path: str) -> bytes:
        return get(path) if method == "GET" else post(path, {"visibility": "PUBLIC"})

    codes = people.dead_codes(SAMPLES)
    pages = {person: press(f"/en/confirm/{code}/") for person, code in codes.items()}
    assert compare(people.site, pages, 404, request) == {}


@pytest.mark.parametrize("purpose", ["my-signature", "no-mail"])
def test_a_link_that_does_not_work_takes_as_long_whatever_is_wrong_with_it(
    people: People, purpose: str, request: pytest.FixtureRequest
) -> None:
    pages = {person: get(f"/en/{purpose}/{token}/") for person, token in people.dead_tokens(SAMPLES, purpose).items()}
    assert compare(people.site, pages, 404, request) == {}


def test_a_no_mail_link_takes_as_long_whether_or_not_it_was_used(
    people: People, request: pytest.FixtureRequest
) -> None:
    pages = {person: post(f"/en/no-mail/{token}/", {}) for person, token in people.no_mail_tokens(SAMPLES).items()}
    assert compare(people.site, pages, 200, request) == {}


def test_a_delay_of_a_millisecond_would_be_found(people: People) -> None:
    times: defaultdict[str, list[float]] = defaultdict(list)
    people.site.query(DELAY)
    try:
        measure(people.site, sign_forms(people, SAMPLES, ("new", "repeat", "held")), 303, times)
    finally:
        people.site.query("DROP TRIGGER linger ON signatures_attempt")
    found = differences(times)
    assert len(found) == 3
    assert all(one.is_significant for pair, one in found.items() if "held" in pair), found
