"""What the metrics tell, to whom, and how exactly."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from signatures.event_counts import counts
from signatures.mailing.sending import delete_given_up
from signatures.models import OutgoingMail, Petition, Trouble
from signatures.models.operating import TroubleKind
from signatures.models.switch import SwitchName
from signatures.operating import metrics as told
from signatures.operating.request_counts import count_answer
from signatures.operating.troubles import note_troubles
from signatures.safeguarding.limit_hits import LIMITS, limit_hits
from signatures.worker import Worker
from tests.support import factories
from tests.support.database import let_mails_grow_old, query
from tests.support.mailbox import Mailbox
from tests.support.operating.promtool import promtool
from tests.support.production import ROOT
from tests.support.releases import release
from tests.support.switches import turned

pytestmark = pytest.mark.django_db
TOKEN = "a token of the tests"
SAMPLE = re.compile(r"^(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<number>\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')
OF_QUERIES = re.compile(r"\bpetition_\w+")
# A label by which alerts and panels choose among a metric's numbers.
CHOSEN = re.compile(r'(petition_\w+)\{[^}]*?(\w+)="(\w[\w ]*)"')


@pytest.fixture(autouse=True)
def in_production(settings: Settings) -> None:
    """Run with a token, and with nothing counted by the tests before."""
    settings.METRICS_TOKEN = TOKEN
    counts._numbers[1:] = memoryview(bytes(8 * (len(counts._numbers) - 1))).cast("Q")


def page() -> str:
    """Read the metrics as monitoring does."""
    response = Client().get("/-/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    return response.content.decode()


def samples() -> dict[tuple[str, ...], float]:
    """Return each number by its name and the values of its labels."""
    found = {}
    for match in SAMPLE.finditer(page()):
        values = [value for _, value in LABEL.findall(match["labels"] or "")]
        found[(match["name"], *values)] = float(match["number"])
    return found


def test_metrics_are_for_whoever_bears_the_token_alone(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for given in ("", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}"):
        assert Client().get("/-/metrics", headers={"authorization": given}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for given in ("", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"bearer  {TOKEN}", f"Bearer {TOKEN}ё"):
        assert Client().get("/-/metrics", headers={"authorization": given}).status_code == 404
    assert Client().get("/-/metrics").status_code == 404
    assert Client().get("/-/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.fixture
def busy(petition: Petition, ordinary: Petition, visitor: Client, mailbox: Mailbox, settings: Settings) -> str:
    """Let something happen of everything, and return the metrics."""
    settings.BACKUP_FOLDER = str(mailbox.transport.folder)
    for _ in range(12):
        factories.make_signature(petition, name="Zyzzyva")
        factories.make_signature(ordinary, name="Zyzzyva")
    assert release(petition)
    for _ in range(11):
        factories.sign(visitor, petition, name="Zyzzyva", email="zyzzyva@example.org")
    visitor.get("/en/confirm/AAAA-BBBB-CCCC-DDDD/")
    visitor.get("/no/such/zyzzyva/")
    mailbox.deliver()
    Worker().beat()
    return page()


def test_prometheus_takes_the_metrics(busy: str) -> None:
    checked = promtool("check", "metrics", given=busy)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_alerts_and_dashboard_ask_for_nothing_that_is_not_there(busy: str) -> None:
    rules = (ROOT / "deploy" / "prometheus" / "petition.rules.yml").read_text(encoding="utf-8")
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "petition.json").read_text(encoding="utf-8"))
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += re.findall(r"expr: (?:>-\n)?((?:.|\n)*?)\n +(?:for|labels): ", rules)
    asked = {name for expression in expressions for name in OF_QUERIES.findall(expression)}
    there = {match["name"] for match in SAMPLE.finditer(busy)}
    assert len(asked) > 20
    assert asked <= there
    # And everything that is told can be seen by somebody.
    assert {name.removesuffix("_sum") for name in there} - asked == {"petition_http_request_duration_seconds"}
    for name, label, value in CHOSEN.findall("\n".join(expressions)):
        if label not in {"job", "instance"} and (label, value) != ("place", "database"):
            assert re.search(rf'^{name}\{{[^}}]*{label}="{value}"', busy, re.MULTILINE), (name, label, value)


def test_metrics_name_nobody_and_no_address_of_a_page(busy: str) -> None:
    for secret in ("zyzzyva", "AAAA", "/en/", "example.org"):
        assert secret not in busy.lower() if secret.islower() else secret not in busy


def test_a_guarded_petition_tells_its_released_count_and_an_ordinary_one_the_live_one(
    petition: Petition, ordinary: Petition
) -> None:
    for _ in range(12):
        factories.make_signature(petition)
    factories.make_signature(ordinary)
    told_now = samples()
    assert ("petition_signatures", petition.slug) not in told_now
    assert ("petition_release_age_seconds", petition.slug) not in told_now
    assert told_now["petition_signatures", ordinary.slug] == 1
    assert release(petition)
    before = samples()
    assert before["petition_signatures", petition.slug] == 12
    assert before["petition_release_age_seconds", petition.slug] < 60
    factories.make_signature(petition)
    after = samples()
    # Not by a hair: whoever keeps all numbers must not see when somebody signed.
    ages = {key for key in after if key[0].endswith("_seconds")}
    moved = {key for key in after if key not in ages and after[key] != before[key]}
    assert moved <= {("petition_database_size_bytes",), *(("petition_disk_free_bytes", place) for place in PLACES)}


PLACES = ("site", "backups", "journal", "database")


def test_a_single_mail_and_a_single_answer_do_not_show(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    for _ in range(9):
        factories.sign(visitor, petition)
    few = samples()
    assert (few["petition_mails_waiting",], few["petition_attempts_waiting",]) == (0, 0)
    assert not [key for key in few if key[0] == "petition_http_requests_total"]
    factories.sign(visitor, petition)
    many = samples()
    assert (many["petition_mails_waiting",], many["petition_attempts_waiting",]) == (10, 10)
    assert many["petition_http_requests_total", "petition", "303"] == 10
    mailbox.deliver()
    after = samples()
    assert (after["petition_mails_waiting",], after["petition_mails_total", "sent"]) == (0, 10)


def test_neither_number_nor_time_of_answers_tells_of_a_single_one(petition: Petition) -> None:
    of_time = "petition_http_request_duration_seconds"
    for seconds in (0.004, 1.3, 8.0):
        count_answer("petition", 200, seconds)
    assert {number for key, number in samples().items() if key[0].startswith(of_time)} == {0}
    for _ in range(7):
        count_answer("petition", 200, 0.2)
    after = samples()
    assert (after[f"{of_time}_count",], after[f"{of_time}_sum",]) == (10, 10)
    assert (after[f"{of_time}_bucket", "0.01"], after[f"{of_time}_bucket", "10.0"]) == (0, 10)


def test_switches_are_told() -> None:
    turned(SwitchName.CLOSED)
    told_now = samples()
    assert [told_now["petition_switch", name] for name in SwitchName.values] == [0, 0, 1]


def test_what_went_wrong_is_told_exactly(petition: Petition, visitor: Client, settings: Settings) -> None:
    settings.FORM_RATES = ["2/d"]
    factories.sign(visitor, petition)
    visitor.post(f"/en/petitions/{petition.slug}/", {"version": "1"})
    assert visitor.post("/en/confirm/", {"code": "x"}).status_code == 429
    visitor.get("/no/such/page/")
    let_mails_grow_old(timedelta(hours=49))
    assert delete_given_up() == 1
    told_now = samples()
    assert told_now["petition_http_requests_total", "confirm_entry", "429"] == 1
    assert told_now["petition_http_requests_total", "unresolved", "404"] == 1
    assert told_now["petition_limits_hit_total", "forms"] == 1
    assert told_now["petition_mails_total", "given_up"] == 1


def test_an_answer_from_memory_counts_for_its_route(petition: Petition) -> None:
    reader = Client()
    for _ in range(20):
        reader.get(f"/en/petitions/{petition.slug}/")
    assert samples()["petition_http_requests_total", "petition", "200"] == 20


def test_the_age_of_the_oldest_mail_is_told_in_minutes_and_not_of_one_that_a_limit_holds_up(
    petition: Petition, visitor: Client
) -> None:
    factories.sign(visitor, petition)
    assert samples()["petition_oldest_mail_seconds",] == 0
    let_mails_grow_old(timedelta(seconds=130))
    assert samples()["petition_oldest_mail_seconds",] == 120
    OutgoingMail.objects.update(next_attempt_at="2100-01-01T00:00Z")
    assert samples()["petition_oldest_mail_seconds",] == 0


def test_the_backup_s_age_is_told_where_backups_are_made(settings: Settings, tmp_path: Path) -> None:
    assert ("petition_backup_age_seconds",) not in samples()
    settings.BACKUP_FOLDER = str(tmp_path)
    assert samples()["petition_backup_age_seconds",] == float("inf")
    (tmp_path / "last-good").write_text("{}")
    os.utime(tmp_path / "last-good", (time.time() - 5000, time.time() - 5000))
    assert 5000 <= samples()["petition_backup_age_seconds",] < 5100
    assert samples()["petition_disk_free_bytes", "backups"] > 0


def test_workers_are_counted_by_their_signs_of_life(mailbox: Mailbox) -> None:
    assert samples()["petition_workers",] == 0
    workers = [Worker() for _ in range(2)]
    for worker in workers:
        worker.beat()
    query("INSERT INTO signatures_workerbeat (worker, beat_at) VALUES (gen_random_uuid(), now() - interval '3 min')")
    found = samples()
    assert (found["petition_workers",], found["petition_worker_beat_age_seconds",] < 60) == (2, True)


def test_trouble_is_told_once_it_lasts(mailbox: Mailbox) -> None:
    note_troubles({TroubleKind.BACKUP: ["late"]})
    assert samples()["petition_trouble", "backup"] == 0
    query("UPDATE signatures_trouble SET began_at = began_at - interval '6 min'")
    assert samples()["petition_trouble", "backup"] == 1
    assert samples()["petition_trouble", "disk"] == 0
    assert Trouble.objects.count() == 1


def test_while_the_database_is_away_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: Any) -> None:
        raise OperationalError

    assert samples()["petition_database_up",] == 1
    monkeypatch.setattr(told, "read_state", away)
    found = samples()
    assert found["petition_database_up",] == 0
    assert ("petition_workers",) not in found
    assert found["petition_limits_hit_total", "forms"] == 0


def test_every_limit_has_a_name_in_the_metrics() -> None:
    source = (ROOT / "signatures" / "safeguarding" / "rate_limits.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"([a-z ]+)"', source.partition("FACTOR_RATES = ")[0].partition("FORMS = ")[2]))
    names |= set(re.findall(r'^DEVICE, OLD_PASSWORD = "([a-z ]+)", "([a-z ]+)"', source, re.MULTILINE)[0])
    assert names == {limit.removesuffix(" of account") for limit in LIMITS}
    assert set(limit_hits()) == set(LIMITS)
