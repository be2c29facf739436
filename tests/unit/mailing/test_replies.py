"""The time to interpret a reply does not grow with its length."""

from __future__ import annotations

import pytest

from signatures.mailing.replies import Stage, judge
from tests.support.processor_time import seconds_of


@pytest.mark.parametrize("sign", ["<", "x", "<x@", "does not ", "x "])
def test_a_long_answer_takes_no_longer_than_a_page(sign: str) -> None:
    page, long = sign * (4000 // len(sign)), sign * (64_000 // len(sign))
    assert (
        seconds_of(lambda: judge(Stage.RCPT, 550, long)) < 5 * seconds_of(lambda: judge(Stage.RCPT, 550, page)) + 0.01
    )
