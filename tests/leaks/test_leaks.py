"""After a busy day every place where something may have been written down is searched for what was typed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import quopri
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from tests.support.leaks.busy_day import METRICS_TOKEN, BusyDay, busy_day
from tests.support.leaks.marks import Mark, found_in
from tests.support.leaks.searched_places import columns_at, commands_of, files_below, keys_in_redis
from tests.support.server.redis_server import redis_server
from tests.support.server.web_site import PETITION_PATH, WebSite, signer
from tryout.embedded import ADMINISTRATOR

pytestmark = pytest.mark.xdist_group("attacks")

STATUSES = {200, 302, 303, 400, 403, 404, 413, 422, 429, 500, 503}
ANSWERS = ("/-/metrics", "/-/ready", "/-/live", "/api/petitions/belarus-political-prisoners.json")
WORD = "Жзвгбклм Zqvwx"
PLANTED = {
    "plain": WORD.encode(),
    "in capitals": WORD.upper().encode(),
    "percent-encoded": quote(WORD).lower().encode(),
    "as a form": quote(WORD).replace("%20", "+").encode(),
    "punycode": WORD.lower().encode("punycode"),
    "base 64": base64.b64encode(b"1" + WORD.encode() + b"23"),
    "base 64 for addresses": base64.urlsafe_b64encode(b"12" + WORD.encode() + b"3"),
    "hexadecimal": WORD.encode().hex().upper().encode(),
    "escaped as JSON": json.dumps(WORD).encode(),
    "escaped as Python": repr(WORD.encode()).encode(),
    "quoted-printable": quopri.encodestring(b"x" * 60 + WORD.encode()),
    "HTML": "".join(f"&#{ord(letter)};" for letter in WORD).encode(),
    "UTF-16": WORD.encode("utf-16-le"),
    "an old code page": WORD.encode("cp1251"),
    "a digest": hashlib.sha256(WORD.lower().encode()).hexdigest().encode(),
    "packed": b"head" + gzip.compress(WORD.encode()) + b"tail",
}


@pytest.fixture(scope="module")
def day() -> Iterator[BusyDay]:
    """Return a busy day that is over."""
    # In the folder of this run, which PostgreSQL's own account may enter.
    run = Path(os.environ["STATIC_ROOT"]).parent
    with tempfile.TemporaryDirectory(prefix="leaks-", dir=run) as folder, busy_day(Path(folder)) as running:
        running.live_through()
        yield running


def places_of(day: BusyDay) -> dict[str, bytes]:
    """Return every place of the day with what stands there."""
    site, postgres = day.site, day.postgres
    answers = {path: day.target.ask(path, None, {"Authorization": f"Bearer {METRICS_TOKEN}"}) for path in ANSWERS}
    assert {answer.status for answer in answers.values()} == {200}
    assert site.process
    assert postgres.pid
    ours = [site.process.pid, postgres.pid, *(worker.pid for worker in day.crew.mail_workers)]
    where = {"host": str(postgres.sockets), "user": ADMINISTRATOR, "password": postgres._password(ADMINISTRATOR)}
    return {
        # What was erased lives on in the cluster's files until they are overwritten; its tables are read below.
        **dict(files_below(day.folder, postgres.cluster)),
        **{f"answer of {path}": answer.body for path, answer in answers.items()},
        **dict(commands_of(*map(psutil.Process, ours))),
        **dict(columns_at(dbname=site.database_url.rpartition("/")[2].partition("?")[0], **where)),
    }


@pytest.mark.parametrize("how", PLANTED)
def test_the_search_finds_a_value_however_it_is_written_down(how: str) -> None:
    mark = Mark("a word", (WORD,))
    assert found_in({"here": b"before " + PLANTED[how] + b" after", "there": b"nothing"}, [mark]) == {(mark, "here")}


def test_nothing_that_was_typed_stands_where_it_must_not(day: BusyDay, request: pytest.FixtureRequest) -> None:
    assert day.seen == STATUSES
    planted = Mark("a planted value", ("Ждждбкжбкж",), ("column hiding_place.planted",))
    day.site.query("CREATE TABLE hiding_place AS SELECT convert_to(%s, 'UTF8') AS planted", [planted.spellings[0]])
    marks = [*day.marks.made, planted]
    places = places_of(day)
    found = found_in(places, marks)
    leaks = {f"{mark.what} ({mark.spellings[0]}) in {place}" for mark, place in found if not mark.may_stand(place)}
    assert not leaks, "\n".join(sorted(leaks))
    # What may stand somewhere does, so that it would have been found elsewhere.
    assert {mark.what for mark in marks if mark.allowed} <= {mark.what for mark, _ in found}
    assert all(places[f"file {log}"] for log in ("gunicorn.log", "worker.log", "log/postgres.log", "error.log"))
    # What nginx writes when it starts, and of requests: nothing, unless it ends.
    assert {"file early.log", "file nginx.out.log", "file access.log"} <= set(places)
    figures = f"{len(day.marks.made)} marked values searched for in {len(places)} places"
    request.node.user_properties.append(("figures", figures))


def test_nothing_that_was_typed_stands_in_redis(day: BusyDay, tmp_path: Path) -> None:
    form = signer(name="Ян Жмнзкбвгдр", email="zqbcdfgh@zqjklmnp.example")
    marks = [Mark(value, (value,)) for value in ("Жмнзкбвгдр", "zqbcdfgh", "zqjklmnp", "203.0.113.177", "127.0.0.1")]
    forwarded = [("X-Forwarded-For", "203.0.113.177")]
    with redis_server(tmp_path) as url:
        env = {"REDIS_URL": url, "FORM_RATES": "1/h", "TRUSTED_PROXIES": "1", "WEB_WORKERS": "1"}
        site = WebSite(day.site.database_url, tmp_path, env)
        try:
            site.start()
            statuses = [site.post(PETITION_PATH, form, forwarded).status for _ in range(2)]
            assert statuses == [303, 429]
            assert site.post(PETITION_PATH, form).status == 303
        finally:
            site.stop()
        places = dict(keys_in_redis(url))
        # A counter of each visitor, and that there was a request without the header that the settings promise.
        assert len(places) == 4
        assert found_in(places, marks) == set()
