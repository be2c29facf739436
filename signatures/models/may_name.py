"""Whose names a recipient may get, and which part of a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, Q, Value

from signatures.models.choices import Profile, Visibility
from signatures.models.recipient import Recipient
from signatures.models.text_version import TextVersion

NAMED = [Visibility.DELIVERED, Visibility.PUBLIC]


@dataclass(frozen=True)
class Span:
    """Selects the signatures of a list by when each became current (``current_since``).

    :param since: only those after this instant
    :param up_to: only those up to and including this instant
    :param profile: the profile that the list was prepared with; names are only given with ``NAMES``
    """

    since: datetime | None = None
    up_to: datetime | None = None
    profile: str = Profile.NAMES


EVER = Span()


def may_name(recipient: Recipient, span: Span) -> Q:
    """Return the condition for whose names a recipient may get; the only definition of this rule.

    The signer chose to be named, and the text that was signed showed this recipient as getting names. Nobody, unless
    the recipient gets names now, and did when the list was prepared.
    """
    versions = TextVersion.objects.giving_names_to(recipient).values("pk")
    # An array, read once: with a join, each block of a list would read all the rows after it.
    signed_one = Func(
        F("text_version_id"),
        ArraySubquery(versions),
        template="%(expressions)s)",
        arg_joiner=" = ANY (",
        output_field=models.BooleanField(),
    )
    return Q(visibility__in=NAMED) & Q(signed_one) & Q(Value(span.profile == Profile.NAMES))
