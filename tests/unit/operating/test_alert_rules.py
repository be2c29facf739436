"""The alert rules are Prometheus', each fires when it should, and each says what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.operating.alert_cases import CASES, SWITCHED
from tests.support.operating.promtool import promtool
from tests.support.production import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "petition.rules.yml"
TEXT = RULES.read_text(encoding="utf-8")
ALERTS = re.findall(r"- alert: (\w+)", TEXT)
RUNBOOKS = re.findall(r"runbook: (\S+)", TEXT)


def test_every_alert_has_a_case_a_severity_and_says_what_to_do() -> None:
    assert sorted(ALERTS) == sorted(CASES)
    for part in TEXT.split("- alert: ")[1:]:
        assert re.search(r"severity: (warning|critical)\}", part), part
        assert "summary: " in part
        assert "action: " in part
        assert "runbook: docs/" in part


def anchors(document: Path) -> set[str]:
    """Return the names by which links lead to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("place", sorted({place for place in RUNBOOKS if (ROOT / place.partition("#")[0]).exists()}))
def test_what_an_alert_refers_to_is_there(place: str) -> None:
    name, _, anchor = place.partition("#")
    assert anchor in anchors(ROOT / name)


def test_prometheus_takes_the_rules_and_the_example() -> None:
    assert promtool("check", "rules", str(RULES)).returncode == 0
    checked = promtool("check", "config", "--syntax-only", str(FOLDER / "scrape.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def written(name: str, history: dict[str, str], minutes: int = 60, *, fires: bool) -> dict[str, object]:
    """Return a test of Prometheus, which asks whether the alert is firing at the end of a history."""
    return {
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in history.items()],
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}})',
                "eval_time": f"{minutes}m",
                "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
            }
        ],
    }


def check(tests: list[dict[str, object]], tmp_path: Path) -> None:
    """Let Prometheus run tests of the rules."""
    file = tmp_path / "petition.test.yml"
    # JSON is YAML, too.
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
    tested = promtool("test", "rules", str(file))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_alert_fires_when_it_should_and_not_when_it_is_nearly_so(tmp_path: Path) -> None:
    tests = [written(name, case.fires, case.minutes, fires=True) for name, case in CASES.items()]
    tests += [written(name, case.does_not, case.minutes, fires=False) for name, case in CASES.items()]
    check(tests, tmp_path)


def test_what_an_emergency_switch_does_on_purpose_raises_no_alarm(tmp_path: Path) -> None:
    check([written(name, history, fires=False) for name, history in SWITCHED], tmp_path)
