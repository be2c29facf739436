"""Nothing that is sent to any address makes the site fail, and every error page is in the visitor's language."""

from __future__ import annotations

import os
import random
import re
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.attacks.raw_http import RawAnswer, Wire
from tests.support.attacks.request_fuzzer import FuzzedRequest, Fuzzer
from tests.support.attacks.routes import Route, all_routes
from tests.support.attacks.target import Target

pytestmark = pytest.mark.xdist_group("attacks")

ROUTES = list(all_routes())
REQUESTS = int(os.environ.get("FUZZ_REQUESTS") or 20_000)
SEED = int(os.environ.get("FUZZ_SEED") or 1)
EXAMPLES = 15
THREADS = 4
# Beside the others: an organiser's page costs ten times as much as one of visitors, and so does asking after the
# migrations.
DESK_WEIGHT = 0.3
WEIGHTS = {"ready": 0.1}
PATH_LANGUAGE = re.compile(rb"/(en|ru)/")
# What the script of the passkeys asks for is answered in its own words.
SCRIPTED, JSON_TYPE = "passkey_", "application/json"
# Pages of the desk for what is over are no error pages: they stand in the language of whoever reads them.
OF_THE_DESK = ('<div id="content-main" class="kept">', '<div id="content-main" class="over">')
FAILURES = re.compile(
    r"Traceback|Error handling|  File \"|CRITICAL|^ERROR|WORKER TIMEOUT|Worker .* (exited|was sent)", re.MULTILINE
)


def problem_with(request: FuzzedRequest, answer: RawAnswer | None) -> str:
    """Return what is wrong with an answer, or an empty text."""
    if answer is None:
        return "no answer"
    if answer.status >= 500:
        return f"status {answer.status}"
    if b"Traceback" in answer.body or b"DoesNotExist" in answer.body:
        return "shows a traceback"
    if answer.comes_from_the_site and answer.status in {400, 403, 404, 405, 413} and not request.is_head:
        return wrong_language(request, answer)
    return ""


def wrong_language(request: FuzzedRequest, answer: RawAnswer) -> str:
    """Return what is wrong with the language of an error page, or an empty text."""
    if not answer.is_html:
        is_for_script = request.route.name.startswith(SCRIPTED) and answer.headers.get("content-type") == JSON_TYPE
        return "" if is_for_script else f"is {answer.headers.get('content-type')}, no page"
    page = answer.body.decode()
    found = PATH_LANGUAGE.match(request.path)
    if found is None and any(one in page for one in OF_THE_DESK):
        return ""
    if found is None:
        return "" if set(re.findall(r'\blang="(\w\w)"', page)) >= {"en", "ru"} else "is not in every language"
    language = found.group(1).decode()
    if f'<html lang="{language}"' not in page:
        return f"is not in {language}"
    main = page.partition("<main")[2].partition("</main>")[0]
    return "" if bool(re.search("[а-яё]{3}", main)) == (language == "ru") else f"does not speak {language}"


def test_every_parameter_of_every_address_is_known(target: Target) -> None:
    assert len(ROUTES) > 50
    assert {name for route in ROUTES for name in route.parameters} <= set(target.examples)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern)
def test_whatever_is_sent_is_answered(target: Target, route: Route) -> None:
    with closing(target.wire()) as wire:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
        )
        @given(
            st.randoms(use_true_random=False),
            st.lists(st.binary(max_size=40) | st.text(max_size=20).map(str.encode), max_size=3),
        )
        def attack(chance: random.Random, texts: list[bytes]) -> None:
            request = Fuzzer(target, chance, texts).request(route)
            answer = wire.send(request.data, is_head=request.is_head)
            assert problem_with(request, answer) == "", (request.data[:3000], answer and answer.body[:300])

        attack()


def barrage(target: Target, route: Route, amount: int, wire: Wire) -> tuple[Counter[str], list[str]]:
    """Send many requests to one address over one connection; return the statuses and what went wrong."""
    fuzzer = Fuzzer(target, random.Random(zlib.crc32(route.pattern.encode()) + SEED))  # noqa: S311
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    for _ in range(amount):
        request = fuzzer.request(route)
        answer = wire.send(request.data, is_head=request.is_head)
        seen[str(answer.status if answer else None)] += 1
        if problem := problem_with(request, answer):
            wrong.append(f"{route.pattern}: {problem}: {request.data[:700]!r}")
    return seen, wrong


def test_20000_requests_break_nothing(target: Target, request: pytest.FixtureRequest) -> None:
    workers = {worker.pid for worker in target.site.workers()}
    weights = {route: DESK_WEIGHT if route.is_admin else WEIGHTS.get(route.name, 1.0) for route in ROUTES}

    def attack(route: Route) -> tuple[Counter[str], list[str]]:
        share = weights[route] / sum(weights.values())
        with closing(target.wire()) as wire:
            return barrage(target, route, int(REQUESTS * share) + 1, wire)

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(attack, ROUTES))
    seen: Counter[str] = sum((statuses for statuses, _ in results), Counter())
    wrong = [problem for _, problems in results for problem in problems]
    assert not wrong, "\n".join(wrong[:20])
    assert seen.total() >= REQUESTS
    # It got behind the doors, too.
    assert {"200", "303", "302", "400", "403", "404", "405", "413", "422"} <= set(seen)
    assert target.as_organiser("/admin/").status == 200
    assert [line for line in target.site.log.splitlines() if FAILURES.search(line)] == []
    assert {worker.pid for worker in target.site.workers()} == workers
    figures = f"{seen.total()} requests to {len(ROUTES)} addresses: {dict(sorted(seen.items()))}"
    request.node.user_properties.append(("figures", figures))
