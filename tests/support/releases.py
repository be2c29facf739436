"""Makes releases immediately, and moves them back in time."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from signatures.counting.releasing import release_if_enough
from signatures.models import Petition, Signature
from signatures.models.choices import SignatureState, StateReason, Visibility
from signatures.moderating.deciding import move_signature
from tests.support import factories
from tests.support.database import query

ENOUGH = 10


def release(petition: Petition, ago: timedelta = timedelta()) -> bool:
    """Make a release if enough people wait, dated back by ``ago``; return whether it was made."""
    with transaction.atomic():
        is_made = release_if_enough(petition)
    if is_made and ago:
        move_releases(petition, ago, newest_only=True)
    return is_made


def move_releases(petition: Petition, by: timedelta, *, newest_only: bool = False) -> None:
    """Move a petition's releases back in time."""
    query("SET CONSTRAINTS ALL IMMEDIATE")
    query("ALTER TABLE signatures_release DISABLE TRIGGER append_only")
    query(
        "UPDATE signatures_release SET made_at = made_at - %s WHERE petition_id = %s AND (NOT %s OR number ="
        " (SELECT max(number) FROM signatures_release WHERE petition_id = %s))",
        [by, petition.pk, newest_only, petition.pk],
    )
    query("ALTER TABLE signatures_release ENABLE TRIGGER append_only")
    query("SET CONSTRAINTS ALL DEFERRED")


def sign_hidden(petition: Petition, amount: int = ENOUGH, **values: str) -> list[Signature]:
    """Store this many signatures whose names nobody sees."""
    return [factories.make_signature(petition, visibility=Visibility.COUNTED, **values) for _ in range(amount)]


def sign_publicly(petition: Petition, *names: str, **values: str) -> list[Signature]:
    """Store signatures with public names."""
    return [factories.make_signature(petition, name=name, visibility=Visibility.PUBLIC, **values) for name in names]


def move_to(signature: Signature, state: SignatureState) -> None:
    """Move a signature to another state, as an organiser does."""
    move_signature(pk=signature.pk, to=state, reason=StateReason.INVENTED, actor=factories.make_organiser())


def is_quiet(number: int) -> bool:
    """Return whether a number, or a difference of two, does not stand for one to nine people."""
    return number == 0 or abs(number) >= ENOUGH
