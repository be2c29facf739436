"""Attempt: a submitted form before its confirmation."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import ExpressionWrapper, F, Q

from signatures.languages import shipped_choices
from signatures.models.choices import Language, StateReason, Visibility
from signatures.models.clock import over
from signatures.models.petition import Petition
from signatures.models.text_version import TextVersion

LIFETIME = timedelta(days=7)
# How long a second press of the same button gets the same response as the first.
STUB_LIFETIME = timedelta(minutes=1)

IS_STUB = Q(
    confirmed_at__isnull=False,
    country__isnull=True,
    visibility__isnull=True,
    language__isnull=True,
    text_version__isnull=True,
    email_keys__isnull=True,
    domain_keys__isnull=True,
    name_encrypted__isnull=True,
    city_encrypted__isnull=True,
    suspicion__isnull=True,
)
IS_WHOLE = Q(
    # NULL for large providers.
    Q(domain_keys__isnull=True) | Q(domain_keys__len__gte=1),
    Q(visibility=Visibility.COUNTED, name_encrypted__isnull=True, city_encrypted__isnull=True)
    | Q(visibility__in=[Visibility.DELIVERED, Visibility.PUBLIC], name_encrypted__isnull=False),
    # A check that evaluates to NULL would let the row pass, so each column is tested for NULL.
    visibility__isnull=False,
    confirmed_at__isnull=True,
    press_hash__isnull=True,
    country__isnull=False,
    language__isnull=False,
    language__in=Language.values,
    text_version__isnull=False,
    email_keys__isnull=False,
    email_keys__len__gte=1,
)


# Run for every confirmation: raw SQL, since composing the query takes longer than running it.
USABLE = """
SELECT attempt.*, petition.slug AS petition_slug, petition.reviews_names, petition.waiting_words
FROM signatures_attempt AS attempt JOIN signatures_petition AS petition ON petition.id = attempt.petition_id
WHERE code_hash = ANY (%s::bytea[])
    AND CASE WHEN confirmed_at IS NULL THEN expires_at > now() ELSE confirmed_at BETWEEN now() - %s AND now() + %s END
"""


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Reads of attempts."""

    def usable(self, code_hashes: list[bytes]) -> Attempt | None:
        """Return the attempt with a code, or None: a pending one, or a stub some seconds old.

        It is annotated with ``petition_slug``, and with what makes names wait: ``reviews_names``, ``waiting_words``.
        """
        return next(iter(self.raw(USABLE, [code_hashes, STUB_LIFETIME, STUB_LIFETIME])), None)

    def expired(self) -> AttemptQuerySet:
        """Keep those that expired unconfirmed."""
        return self.filter(confirmed_at__isnull=True, expires_at__lte=TransactionNow())

    def spent_stubs(self) -> AttemptQuerySet:
        """Keep the stubs that are no longer needed."""
        return self.filter(confirmed_at__isnull=False).filter(over("confirmed_at", STUB_LIFETIME))


class Attempt(models.Model):
    """An unconfirmed signature, name and city encrypted; once confirmed a stub of two hashes, petition and instant."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="attempts")
    code_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=TransactionNow())
    expires_at = models.DateTimeField(
        db_default=ExpressionWrapper(TransactionNow() + LIFETIME, output_field=models.DateTimeField())
    )
    confirmed_at = models.DateTimeField(null=True)
    name_encrypted = models.BinaryField(null=True)
    city_encrypted = models.BinaryField(null=True)
    country = models.CharField(max_length=2, null=True)
    visibility = models.CharField(max_length=9, choices=Visibility.choices, null=True)
    language = models.CharField(max_length=2, choices=shipped_choices, null=True)
    # Together with the petition a foreign key in the database, which ``attempt.sql`` adds.
    text_version = models.ForeignKey(
        TextVersion, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+"
    )
    email_keys = ArrayField(models.BinaryField(), null=True)
    domain_keys = ArrayField(models.BinaryField(), null=True)
    # Keyed hash of the hidden value of the page whose button was pressed: only that page gets the same response again.
    press_hash = models.BinaryField(max_length=32, null=True)
    suspicion = models.CharField(max_length=10, choices=StateReason.choices, null=True)

    objects = AttemptQuerySet.as_manager()

    petition_slug: str
    reviews_names: bool
    waiting_words: str

    class Meta:
        constraints = [
            models.CheckConstraint(condition=IS_STUB | IS_WHOLE, name="attempt_whole_or_stub"),
            models.CheckConstraint(
                condition=Q(country__isnull=True) | Q(country__regex=r"^[A-Z]{2}$"), name="attempt_country_code"
            ),
        ]
        indexes = [
            models.Index(F("expires_at"), name="attempt_expiry", condition=Q(confirmed_at__isnull=True)),
            models.Index(F("confirmed_at"), name="attempt_stub", condition=Q(confirmed_at__isnull=False)),
            # Finds the other attempts of an address. Without fastupdate, since each search would scan the pending list.
            GinIndex(
                fields=["email_keys"], name="attempt_keys", fastupdate=False, condition=Q(email_keys__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        """Return the id, which reveals nothing about the visitor."""
        return f"{self.pk}"

    @property
    def chosen(self) -> Visibility:
        """Return the chosen visibility; only for a pending attempt, since a stub has none."""
        return Visibility(self.visibility or "")
