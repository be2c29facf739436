"""The numbers of a hand-over stand for nobody in particular."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.counting.merging import CELL_MIN, OTHERS, merge_small
from signatures.delivering.query import Span
from signatures.delivering.snapshot import Snapshot
from signatures.delivering.totals import EUROPEAN_UNION, Totals, read_totals, totals_rows, union_of
from signatures.models import Petition
from signatures.models.choices import Visibility
from tests import factories
from tests.lists import recipient_of

CELLS = st.dictionaries(st.sampled_from(["PL", "LT", "DE", "BY", "US", "RU", "UA"]), st.integers(1, 30))


@given(cells=CELLS, by_country=st.booleans())
def test_the_total_of_the_union_can_be_set_off_against_no_few_people(cells: dict[str, int], by_country: bool) -> None:
    listed = merge_small(cells) if by_country else {}
    union = union_of(cells, listed)
    if union is None:
        return
    assert union == sum(amount for code, amount in cells.items() if code in EUROPEAN_UNION)
    listed_inside = sum(amount for code, amount in listed.items() if code in EUROPEAN_UNION)
    listed_outside = sum(amount for code, amount in listed.items() if code not in EUROPEAN_UNION | {OTHERS})
    for rest in (union - listed_inside, sum(cells.values()) - union - listed_outside):
        assert rest == 0 or rest >= CELL_MIN


@pytest.mark.django_db(transaction=True)
def test_they_are_read_as_they_are_and_named_in_the_language_of_the_hand_over(petition: Petition) -> None:
    for country, amount in (("PL", 12), ("BY", 11), ("US", 3)):
        for number in range(amount):
            visibility = Visibility.DELIVERED if number % 2 else Visibility.COUNTED
            factories.make_signature(petition, country=country, visibility=visibility)
    with closing(Snapshot()) as snapshot:
        totals = read_totals(snapshot, recipient_of(petition, "Parliament"), Span(), by_country=True)
        numbers_only = read_totals(snapshot, recipient_of(petition, "Government"), Span(), by_country=False)
    assert (totals.confirmed, totals.named, totals.union) == (26, 12, 12)
    assert totals.countries == {"PL": 12, OTHERS: 14}
    assert (numbers_only.named, numbers_only.countries) == (0, {})
    rows = totals_rows(totals, "ru", gives_names=True)
    assert rows[0] == ["вид", "код", "название", "подписи"]
    assert ["country", "PL", "Польша", 12] in rows
    assert ["country", OTHERS, "Другие страны", 14] in rows
    assert ["named", "", "С\N{NO-BREAK SPACE}именами", 12] in rows
    english = totals_rows(totals, "en", gives_names=True)
    assert english[0] == ["kind", "code", "name", "signatures"]
    assert [row[:2] for row in rows[1:]] == [row[:2] for row in english[1:]], "what programs read has one language"


def test_a_recipient_of_numbers_is_not_told_how_many_have_names() -> None:
    totals = Totals(confirmed=20, named=0, union=None, countries={}, versions=())
    assert [row[0] for row in totals_rows(totals, "en", gives_names=False)] == ["kind", "total"]
