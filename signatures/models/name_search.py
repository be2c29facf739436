"""Finds signatures by the beginnings of the words in their names, in a list of any length, and sorts names.

What is one in search, and which letter comes after which, is said once, by functions of the database
(``signatures_folded`` and those beside it in ``name_functions.py``): an index is made of them, and lists that the
database writes are sorted by them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchVectorField
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
# A frequent name is found among the newest rows. Only a rare one is looked up in the index, which for a frequent one
# would have to list a good part of all rows before the first can be shown.
RECENT_ROWS = 2000
ENOUGH = 50
# What a folded name keeps of hyphens, apostrophes and the like.
JOINED = re.compile("[-']+")
# Raised with every change of the order: files whose rows stand otherwise must not carry the same random bits.
NAME_ORDER_VERSION = 3


class HasWords(Func):
    """Whether words match a query."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class WordQuery(Value):
    """A query for words, in PostgreSQL's own notation."""

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        """Return the query as a constant that the planner can look at."""
        sql, values = super().as_sql(*args, **kwargs)
        return f"{sql}::tsquery", values


def query_for(text: str) -> str | None:
    """Return the query for names with words that begin with those of a text, or None where it has no words.

    What is joined by a hyphen or an apostrophe is found in its parts, too, and as one word.

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
    """Return the numbers of the rows whose name a query finds: the newest ones, or all where they are few.

    :param rows: among these
    """
    hit = HasWords(NAME_WORDS, WordQuery(query))
    marked = rows.select_related(None).annotate(hit=hit).values_list("pk", "hit")
    recent = _hits(marked.order_by("-pk")[:RECENT_ROWS])
    return recent if len(recent) >= ENOUGH else _hits(marked.filter(hit=True).order_by())


def _hits(marked: QuerySet[Any, Any]) -> list[int]:
    rows, values = marked.query.sql_with_params()
    # Materialised, or the planner would rather walk through the whole list for the first rows of a page.
    first = f"WITH found (id, hit) AS MATERIALIZED ({rows}) SELECT id FROM found WHERE hit LIMIT {FOUND_MAX}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(first, values)
        return [number for (number,) in cursor.fetchall()]


def name_order(column: str, language: str, *, by_last_word: bool) -> str:
    """Return what an ORDER BY goes by, for a list that is read in a language.

    Letters alone decide at first, as in a dictionary; accents and capitals only between names that are else the same.

    :param column: of the names as they are stored
    :param by_last_word: whether the surname, the last word that is a name, decides before the others
    """
    last_word, cyrillic_first = (
        str(value).lower() for value in (by_last_word, TRAITS[Language(language)].cyrillic_first)
    )
    key = f"signatures_sort_key(signatures_folded({column}, false), {last_word}, {cyrillic_first})"
    return ", ".join(f'{part} COLLATE "C"' for part in (key, f"lower({column})", column))
