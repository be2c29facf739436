"""Whoever pastes what a program printed sees which of the files is meant, what is amiss first."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from signatures.models import Delivery, Petition
from tests.support import factories
from tests.support.hand_overs import grow_older, hand_over, package_of, prepare, unpacked
from tests.support.name_lists import recipient_of
from tests.support.page_reading import words
from tests.support.recipient_checks import digest_of

pytestmark = pytest.mark.django_db(transaction=True)
UNKNOWN = "No file that was made here has this digest"


def manifest_of(organiser: Client, delivery: Delivery) -> str:
    """Return the digest of the manifest in a hand-over's ZIP."""
    return digest_of(unpacked(package_of(organiser, delivery))["manifest.json"])


def results_on(organiser: Client, printed: str) -> list[tuple[str, str]]:
    """Paste something and return for each digest what stands above the result, and the result."""
    response = organiser.post(reverse("admin:check_files"), {"digests": printed})
    found = re.findall(r"<dt>(.*?)</dt>(.*?)(?=<dt>|</dl>)", response.content.decode(), re.DOTALL)
    return [(words(above), words(result)) for above, result in found]


def test_each_result_stands_under_the_name_that_was_pasted_and_failures_come_first(
    petition: Petition, organiser: Client
) -> None:
    factories.make_signature(petition)
    grow_older(petition)
    parliament = recipient_of(petition, "Parliament")
    right = manifest_of(organiser, hand_over(organiser, parliament))
    waiting = manifest_of(organiser, prepare(organiser, parliament))
    changed, lost = "0" * 64, "1" * 64
    printed = (
        f"{right}  manifest (2).json\n{waiting}  other.json\n{changed} *changed.csv\n{lost}\n"
        f"{right.upper()} copy.json\n{right}  copy.json\n"
    )
    results = results_on(organiser, printed)
    assert [above for above, _ in results] == [
        f"changed.csv {changed}",
        lost,
        f"other.json {waiting}",
        f"manifest (2).json copy.json {right}",
    ]
    assert [UNKNOWN in result for _, result in results] == [True, True, False, False]
    assert "never recorded as handed over" in results[2][1]
    assert "Handed over on" in results[3][1]


def test_a_pasted_name_is_text_and_nothing_else(petition: Petition, organiser: Client) -> None:
    response = organiser.post(reverse("admin:check_files"), {"digests": f"{'0' * 64}  <script>x</script>.csv"})
    assert b"<strong>&lt;script&gt;x&lt;/script&gt;.csv</strong>" in response.content
