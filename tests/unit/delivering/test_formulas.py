"""Cells that a spreadsheet would interpret as formulas are made safe."""

from __future__ import annotations

import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg2 import sql

from signatures.delivering.columns import Layout, formula_safe_sql
from signatures.delivering.downloads import start_export
from signatures.delivering.writers.formulas import formula_safe
from signatures.delivering.writers.latin import latin
from signatures.models import Petition, Signature
from signatures.models.choices import ListOrder
from tests.support import factories
from tests.support.name_lists import add_signatures, recipient_of, rows_in

FORMULA_SIGNS = set("=+-@")
CELL_STARTS = ",;|\t\r\n"
STRIPPED = '"\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\ufeff'
HOSTILE = (
    "=+-@＝＋－＠﹦﹢﹣﹫₌⁺'\"`,;|\t\r\n\v\f\x00\x1f\x85\xa0\xad\u1680\u200b\u200e\u2028\u2060\u3000\ufeff \\.aЖ中0"
)
NAMES = st.lists(
    st.text(
        st.sampled_from(HOSTILE.replace("\x00", ""))
        | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        min_size=1,
        max_size=12,
    ),
    min_size=1,
    max_size=20,
)


def begins_as_formula(cell: str) -> bool:
    """Return whether a spreadsheet might run a cell, or a part that it could split off, ignoring blanks and quotes."""
    starts = [0, *(place + 1 for place, sign in enumerate(cell) if sign in CELL_STARTS)]
    for start in starts:
        for sign in cell[start:]:
            if unicodedata.normalize("NFKC", sign)[:1] in FORMULA_SIGNS:
                return True
            if not (sign.isspace() or sign in STRIPPED or unicodedata.category(sign) == "Cc"):
                break
    return cell[:1] in {"\t", "\r"}


def is_kept(original: str, cell: str) -> bool:
    """Return whether a cell is the original with nothing but apostrophes added."""
    rest = iter(cell)
    for sign in original:
        for found in rest:
            if found == sign:
                break
            if found != "'":
                return False
        else:
            return False
    return set(rest) <= {"'"}


def test_the_oracle_of_these_tests_recognises_formulas() -> None:
    assert begins_as_formula(' "=1')
    assert begins_as_formula("a;\u200b＠x")
    assert begins_as_formula("\tx")
    assert not begins_as_formula("'=1")
    assert not begins_as_formula("Anna-Maria +1")
    assert is_kept("=1", "'=1")
    assert is_kept("'=", "''=")
    assert not is_kept("=1", "'1")
    assert not is_kept("ab", "abc")


@pytest.fixture
def committed_petition(transactional_db: None) -> Petition:
    """Return a committed petition, so that other connections can see it."""
    return factories.make_petition(asks_city=True)


@pytest.mark.parametrize("in_latin", [False, True])
@pytest.mark.parametrize("order", ListOrder.values)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES, delimiter=st.sampled_from(",;"))
@example(names=['=HYPERLINK("http://evil.example";"x")', "=", "''", '"', "\\.", " ", "\n=1", 'x"\r\n@y'], delimiter=";")
@example(names=["Anna-Maria", "O'Neill", "Ядвіга Ўладзіміраўна", "a@b", "1+1", "-"], delimiter=",")
@example(names=["ь=1+1", "Ь@SUM(A1)", "ь\t-2", "Аня; ь=1"], delimiter=";")
def test_no_name_or_city_becomes_a_formula_or_loses_a_character(
    committed_petition: Petition, names: list[str], delimiter: str, order: str, *, in_latin: bool
) -> None:
    Signature.objects.all().delete()
    cities = list(reversed(names))
    add_signatures(committed_petition, names, cities)
    recipient = recipient_of(committed_petition, "Parliament")
    layout = Layout("en", delimiter, latin=in_latin, order=order)
    content = b"".join(start_export(recipient=recipient, layout=layout, reason="Test", actor=None))
    header, *rows = rows_in(content, delimiter)
    assert [len(row) for row in rows] == [len(header)] * len(names)
    assert [row[0] for row in rows] == [str(number) for number in range(1, len(names) + 1)]
    for row in rows:
        assert not any(begins_as_formula(cell) for cell in row)
    listed = [(row[1], row[-1]) for row in rows]
    if order in {ListOrder.NAME, ListOrder.SURNAME}:
        # The same rows in another order.
        for name, city in zip(names, cities, strict=True):
            (found, *_) = [pair for pair in listed if is_kept(name, pair[0]) and is_kept(city, pair[1])]
            listed.remove(found)
        return
    for (cell, city_cell), name, city in zip(listed, names, cities, strict=True):
        assert is_kept(name, cell)
        assert is_kept(city, city_cell)
    if in_latin:
        for row, name in zip(rows, names, strict=True):
            assert is_kept(latin(name, "en"), row[2])


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("＝1", "'＝1"),
        ("  -2", "'  -2"),
        ("\t=1", "'\t'=1"),
        ("+7 999", "'+7 999"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("Анна-Марыя О’Нил", "Анна-Марыя О’Нил"),
        ("Zoë O'Neill", "Zoë O'Neill"),
        ("a@example.org", "a@example.org"),
        ("Jean ; =1", "Jean ;' =1"),
    ],
)
def test_an_apostrophe_is_inserted_exactly_where_a_spreadsheet_would_start_a_formula(
    committed_petition: Petition, name: str, cell: str
) -> None:
    add_signatures(committed_petition, [name], [""])
    recipient = recipient_of(committed_petition, "Parliament")
    content = b"".join(start_export(recipient=recipient, layout=Layout("en", ","), reason="Test", actor=None))
    assert rows_in(content)[1][1] == cell
    assert not connection.in_atomic_block


SPACES = {"Zs", "Zl", "Zp", "Cc"}
DROPPED = "\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff" + "".join(
    map(chr, range(0x2060, 0x2070))
)
# All that can be stored; no letter beyond these planes is folded into ASCII but those of mathematics and emphasis.
EVERYTHING = [chr(code) for code in range(1, 0x20000) if not 0xD800 <= code <= 0xDFFF]
RUN = [c for c in EVERYTHING if unicodedata.normalize("NFKC", c)[0] in FORMULA_SIGNS] + ["\t", "\r"]
SKIPPED = [c for c in EVERYTHING if unicodedata.category(c) in SPACES or c in DROPPED] + ['"']


def made_safe(texts: list[str]) -> list[str]:
    """Return texts as written to lists, by the database and by Python, which must agree."""
    statement = sql.SQL("SELECT {} FROM unnest(%s) WITH ORDINALITY AS signature (name, place) ORDER BY place")
    with connection.cursor() as cursor:
        cursor.execute(statement.format(formula_safe_sql(sql.Identifier("signature", "name"))), [texts])
        by_database = [cell for (cell,) in cursor.fetchall()]
    assert [formula_safe(text) for text in texts] == by_database
    return by_database


@pytest.mark.django_db
@pytest.mark.parametrize("sign", RUN, ids=lambda sign: f"U+{ord(sign):04X}")
def test_each_sign_that_starts_a_formula_is_disarmed(sign: str) -> None:
    texts = [f"{sign}1+1", f"Jean;{sign}1+1", f'"{sign}1+1', sign, f"Jean {sign}1"]
    told = [f"'{sign}1+1", f"Jean;'{sign}1+1", f"'\"{sign}1+1", f"'{sign}", f"Jean {sign}1"]
    cells = made_safe(texts)
    assert cells[:4] == told[:4]
    # A tab or a carriage return starts a cell anywhere.
    assert sign in "\t\r" or cells[4] == told[4]


@pytest.mark.django_db
@pytest.mark.parametrize("sign", SKIPPED, ids=lambda sign: f"U+{ord(sign):04X}")
def test_ignored_characters_do_not_hide_the_sign_after_them(sign: str) -> None:
    (cell, after, twice) = made_safe([f"{sign}=1", f"Jean,{sign}=1", f"{sign} {sign}@x"])
    assert cell.startswith("'")
    assert after.startswith("Jean,'")
    assert twice.startswith("'")
    assert is_kept(f"{sign}=1", cell)


@pytest.mark.django_db
def test_no_other_character_gets_an_apostrophe() -> None:
    harmless = sorted(set(EVERYTHING) - set(RUN))
    assert made_safe([f"{sign}1" for sign in harmless]) == [f"{sign}1" for sign in harmless]
    hiding_nothing = sorted(set(harmless) - set(SKIPPED) - set(CELL_STARTS))
    assert made_safe([f"{sign}=1" for sign in hiding_nothing]) == [f"{sign}=1" for sign in hiding_nothing]
