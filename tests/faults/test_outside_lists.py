"""Workers are killed while they enter a list from elsewhere: it counts as a whole, exactly once."""

from __future__ import annotations

import time

import pytest

from tests.faults.test_batches import check_tally, do, kill_all
from tests.support.faults.site_processes import Crew

pytestmark = pytest.mark.xdist_group("faults")

ROWS = 6_000
KILLS = 3
READ = f"""
from datetime import date
from signatures.collecting.lists import park_list, start_list
from signatures.collecting.outside_rows import read_list
from signatures.models import Organiser, TextVersion
version = TextVersion.objects.order_by("-number").first()
content = "E-mail,Country\\n" + "".join(f"signer-{{n}}@example.org,Poland\\n" for n in range({ROWS}))
reading = read_list(content.encode(), petition_id=version.petition_id, today=date(2026, 1, 1), chosen={{}}, country="",
    month_first=False)
make = lambda name: Organiser.objects.create(username=name, is_superuser=True, is_staff=True)
one = park_list(version=version, language="en", label="elsewhere", file_key=b"key", reading=reading, actor=make("one"))
start_list(pk=one.pk, actor=make("other"))
"""


def progress(crew: Crew) -> int:
    """Return how many rows the worker has gone through, as others see it."""
    return int(crew.site.query("SELECT progress FROM signatures_outsidelist")[0][0])


def entered(crew: Crew) -> int:
    """Return how many signatures there are."""
    return int(crew.site.query("SELECT count(*) FROM signatures_signature")[0][0])


def test_a_list_counts_exactly_once_whenever_the_workers_are_killed(crew: Crew) -> None:
    kill_all(crew)
    do(crew, READ)
    seen = []
    for number in range(KILLS):
        crew.site.query("UPDATE signatures_outsidelist SET progress = 0 RETURNING id")
        crew.start_mail_worker()
        crew.start_mail_worker()
        crew.wait_until(lambda: progress(crew) > 0, "the list is being entered")
        time.sleep(0.03 * number)
        kill_all(crew)
        seen.append((progress(crew), entered(crew)))
    assert all(rows in {0, ROWS} for _done, rows in seen), seen
    assert seen[0][1] == 0, "the first kill came in the middle"
    crew.start_mail_worker()
    crew.wait_until(lambda: entered(crew) == ROWS, "the list is entered")
    kill_all(crew)
    assert crew.site.query("SELECT stage FROM signatures_outsidelist") == [("DONE",)]
    assert crew.site.query("SELECT count(*) FROM signatures_enteredrow") == [(ROWS,)]
    assert crew.site.query("SELECT count(*) FROM signatures_listpart") == [(0,)]
    check_tally(crew, ROWS)
