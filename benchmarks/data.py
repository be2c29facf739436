"""Fills the database with signatures, straight in SQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection

from signatures import tokens
from signatures.counting.folding import fold_tallies
from signatures.delivering.actions import prepare_delivery
from signatures.delivering.preview import Choices, latest_cut_off
from signatures.mailing.envelopes import Envelope
from signatures.models import Delivery, Petition, Recipient
from signatures.models.choices import Profile, SignatureState, StateReason, Visibility
from signatures.safeguarding import keys
from signatures.safeguarding.encryption import encrypt
from signatures.signing.storing import NewAttempt, store_attempt
from signatures.texts.first_petition import load_first_petition

SIGNATURES = """
INSERT INTO signatures_signature (petition_id, email_key, domain_key, state, source, visibility, name, country,
    language, text_version_id, reason_approved, ever_counted, first_confirmed_at, current_since, last_confirmed_at)
SELECT %(petition)s, '\\x01'::bytea || sha256(n::text::bytea), '\\x01'::bytea || sha256((n %% 50)::text::bytea),
    'CONFIRMED', 'WEB', CASE n %% 4 WHEN 0 THEN 'PUBLIC' ELSE 'DELIVERED' END,
    CASE n %% 3 WHEN 0 THEN 'Іван Ўладзіміравіч Сьвятланаў-' WHEN 1 THEN 'Maria O''Connor ' ELSE 'Анна Петрова ' END
        || n,
    (ARRAY['BY', 'PL', 'LT', 'DE', 'UA', 'US', 'RU'])[1 + n %% 7], CASE n %% 2 WHEN 0 THEN 'ru' ELSE 'en' END,
    %(version)s, false, true, at, at, at
FROM generate_series(%(first)s, %(last)s) AS n,
    LATERAL (SELECT now() - make_interval(mins => (n::bigint * 7919 %% 500000)::int) AS at) AS instants
"""
TALLIES = """
INSERT INTO signatures_tally (petition_id, day, kind, reason, source, country, language, visibility, amount)
SELECT petition_id, signed_on, 'CONFIRMED', '', source, country, language, visibility, count(*)
FROM signatures_signature WHERE id > %s GROUP BY petition_id, signed_on, source, country, language, visibility
"""
HOURS = """
INSERT INTO signatures_hourtally (petition_id, hour, kind, amount)
SELECT petition_id, date_trunc('hour', last_confirmed_at, 'UTC'), 'CONFIRMED', count(*)
FROM signatures_signature WHERE id > %s GROUP BY 1, 2
"""


def prepare_petition() -> tuple[Petition, Recipient]:
    """Load the first petition and return it with one recipient that is given names."""
    load_first_petition()
    petition = Petition.objects.get()
    return petition, petition.recipients.filter(profile=Profile.NAMES)[0]


def grow_to(petition: Petition, amount: int) -> None:
    """Add confirmed signatures until there are so many, with their tally."""
    present = petition.signatures.count()
    last_id = petition.signatures.order_by("-id").values_list("id", flat=True).first() or 0
    version = petition.text_versions.all().newest_first()[0]
    with connection.cursor() as cursor:
        cursor.execute(
            SIGNATURES,
            {"petition": petition.pk, "version": version.pk, "first": present + 1, "last": amount},
        )
        cursor.execute(TALLIES, [last_id])
        cursor.execute(HOURS, [last_id])
    fold_tallies()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE signatures_signature")
        cursor.execute("VACUUM ANALYZE signatures_tally")
        cursor.execute("VACUUM ANALYZE signatures_hourtally")


def make_attempts(petition: Petition, tag: str, amount: int) -> list[str]:
    """Store attempts as the sign form does and return their codes."""
    version = petition.text_versions.all().newest_first()[0]
    codes = [tokens.new_code() for _ in range(amount)]
    for number, code in enumerate(codes):
        address = f"{tag}-{number}@example.org"
        store_attempt(
            NewAttempt(
                petition_id=petition.pk,
                text_version_id=version.pk,
                version_number=version.number,
                language="en",
                country="PL",
                visibility=Visibility.PUBLIC.value,
                suspicion=None,
                name=encrypt("Anna Petrova"),
                city=None,
                code_hash=tokens.code_hashes(code)[0],
                email_keys=keys.email_keys(petition.pk, address),
                domain_keys=keys.domain_keys(petition.pk, address),
                envelope=Envelope(address, "000").seal(),
                code=encrypt(code),
            )
        )
    return codes


def prepare_delivery_of(recipient: Recipient, *, with_document: bool) -> Delivery:
    """Prepare a hand-over of everything that is ten minutes old, without a workbook."""
    choices = Choices(recipient, latest_cut_off(), with_workbook=False, with_document=with_document)
    return prepare_delivery(choices=choices, reason="benchmark", actor=None)


@contextlib.contextmanager
def first_names(petition: Petition, amount: int) -> Iterator[None]:
    """Hold all signatures back but the first ones, for a while."""
    later = petition.signatures.filter(pk__gt=petition.signatures.order_by("pk")[amount - 1].pk)
    later.update(state=SignatureState.HELD, state_reason=StateReason.HONEYPOT)
    try:
        yield
    finally:
        later.update(state=SignatureState.CONFIRMED, state_reason=None)
