"""Senders are distinguished by a few marks, which identify nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import RequestFactory

from signatures.safeguarding.senders import MARKS, sender_mark


def mark(address: str) -> str:
    """Return the mark of a visitor."""
    return sender_mark(RequestFactory(REMOTE_ADDR=address).get("/"))


def test_there_are_so_few_marks_that_each_covers_millions_of_networks() -> None:
    marks = {mark(f"198.{second}.{third}.7") for second in range(40) for third in range(250)}
    assert len(marks) > MARKS * 0.99
    assert {len(found) for found in marks} == {3}
    assert max(int(found, 16) for found in marks) < MARKS == 1024


def test_an_ipv6_site_has_one_mark() -> None:
    assert len({mark(f"2001:db8:1:{network:x}::{network:x}") for network in range(300)}) == 1
    assert len({mark(f"2001:db8:{site:x}::1") for site in range(300)}) > 200


def test_a_mark_changes_every_day() -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        today = [mark(f"198.51.100.{number}") for number in range(50)]
        assert today == [mark(f"198.51.100.{number}") for number in range(50)]
        clock.shift(timedelta(days=1))
        assert sum(mark(f"198.51.100.{number}") == today[number] for number in range(50)) < 5
