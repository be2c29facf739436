"""Finds signatures by the beginnings of the words in their names, in a list of any length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorExact
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Lower

from signatures.normal_forms import normal_form

if TYPE_CHECKING:
    from signatures.models.signature import SignatureQuerySet

CONFIG = "simple"
NAME_WORDS = SearchVector(Lower("name"), config=CONFIG)
FOUND_MAX = 400
# A frequent name is found among the newest rows. Only a rare one is looked up in the index, which for a frequent one
# would have to list a good part of all rows before the first can be shown.
RECENT_ROWS = 2000
ENOUGH = 50


def words_of(text: str) -> list[str]:
    """Return what is looked for of a text that somebody typed."""
    # Names are stored in NFC; of İ PostgreSQL makes a plain i, Python an i with a mark.
    typed = normal_form("NFC", text).replace("İ", "i").lower()
    return "".join(c if c.isalnum() else " " for c in typed).split()


def find_names(rows: SignatureQuerySet, words: list[str]) -> list[int]:
    """Return the numbers of the rows whose name has words that begin so: the newest ones, or all where they are few.

    :param rows: among these
    """
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), config=CONFIG, search_type="raw")
    marked = rows.select_related(None).annotate(hit=SearchVectorExact(NAME_WORDS, query)).values_list("pk", "hit")
    recent = _hits(marked.order_by("-pk")[:RECENT_ROWS])
    return recent if len(recent) >= ENOUGH else _hits(marked.filter(hit=True).order_by())


def _hits(marked: QuerySet[Any, Any]) -> list[int]:
    rows, values = marked.query.sql_with_params()
    # Materialised, or the planner would rather walk through the whole list for the first rows of a page.
    first = f"WITH found (id, hit) AS MATERIALIZED ({rows}) SELECT id FROM found WHERE hit LIMIT {FOUND_MAX}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(first, values)
        return [number for (number,) in cursor.fetchall()]
