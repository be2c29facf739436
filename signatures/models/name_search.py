"""Finds signatures by prefixes of the words in their names, in a list of any length, and sorts names.

Which letters are equal in a search, and how letters are ordered, is defined once, by database functions
(``signatures_folded`` and its neighbours in ``name_functions.py``): an index uses them, and so do the lists that the
database writes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchVectorField
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func, QuerySet, Value

from signatures.languages import TRAITS, Language

if TYPE_CHECKING:
    from signatures.models.signature import SignatureQuerySet

NAME_WORDS = Func(
    Func(F("name"), Value(value=True), function="signatures_folded", output_field=models.TextField()),
    function="signatures_words",
    output_field=SearchVectorField(),
)
FOUND_MAX = 400
# Frequent names are found among the newest rows. Only rare ones are looked up in the index, which for a frequent name
# would return a large part of all rows before the first could be shown.
RECENT_ROWS = 2000
ENOUGH = 50
# All kinds of hyphens and apostrophes as they appear in folded names.
JOINED = re.compile("[-']+")
# Increase with every change of the order: files with rows in another order must not have the same watermarks.
NAME_ORDER_VERSION = 3


class HasWords(Func):
    """Whether a text search vector matches a query."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class WordQuery(Value):
    """A text search query in PostgreSQL's notation."""

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        """Return the query as a constant, so that the planner can use its value."""
        sql, values = super().as_sql(*args, **kwargs)
        return f"{sql}::tsquery", values


def query_for(text: str) -> str | None:
    """Return the query for names with words that begin with those of a text, or None if it has no words.

    Words joined by a hyphen or an apostrophe are found by their parts and as one word.

    :param text: cleaned as names are before they are stored
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT signatures_folded(%s, true)", [text])
        (folded,) = cursor.fetchone()
    words = [[part for part in JOINED.split(word) if part] for word in folded.split(" ")]
    return " & ".join(map(_query_for_parts, filter(None, words))) or None


def _query_for_parts(parts: list[str]) -> str:
    each = " & ".join(f"'{part}':*" for part in parts)
    return each if len(parts) == 1 else f"('{''.join(parts)}':* | {each})"


def find_names(rows: SignatureQuerySet, query: str) -> list[int]:
    """Return the ids of rows whose names match a query: the newest ones, or all if there are few.

    :param rows: the rows to search
    """
    hit = HasWords(NAME_WORDS, WordQuery(query))
    marked = rows.select_related(None).annotate(hit=hit).values_list("pk", "hit")
    recent = _hits(marked.order_by("-pk")[:RECENT_ROWS])
    return recent if len(recent) >= ENOUGH else _hits(marked.filter(hit=True).order_by())


def _hits(marked: QuerySet[Any, Any]) -> list[int]:
    try:
        rows, values = marked.query.sql_with_params()
    except EmptyResultSet:
        # Django sees without asking that no row can match the filters.
        return []
    # Materialised, since the planner would otherwise scan the whole list for the first rows of a page.
    first = f"WITH found (id, hit) AS MATERIALIZED ({rows}) SELECT id FROM found WHERE hit LIMIT {FOUND_MAX}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(first, values)
        return [number for (number,) in cursor.fetchall()]


def name_order(column: str, language: str, *, by_last_word: bool) -> str:
    """Return the SQL for an ORDER BY over names, for readers of a language.

    As in a dictionary, only letters count at first; accents and capitals only between names that are otherwise equal.

    :param column: the column with the names as stored
    :param by_last_word: whether to sort by surname first, the last word that is a name
    """
    last_word, cyrillic_first = (
        str(value).lower() for value in (by_last_word, TRAITS[Language(language)].cyrillic_first)
    )
    key = f"signatures_sort_key(signatures_folded({column}, false), {last_word}, {cyrillic_first})"
    return ", ".join(f'{part} COLLATE "C"' for part in (key, f"lower({column})", column))
