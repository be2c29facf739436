"""Bundle: a stack of sheets that were printed together, and how their rows became signatures."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from signatures.languages import shipped_choices
from signatures.models.choices import Language, SignatureState
from signatures.models.organiser import Organiser
from signatures.models.petition import Petition
from signatures.models.signature import Signature, SignatureQuerySet
from signatures.models.text_version import TextVersion

LABEL_LENGTH_MAX = 120
# Those who typed a sheet, where two do it without seeing each other's reading.
FIRST, SECOND = 1, 2


class BundleQuerySet(models.QuerySet["Bundle"]):
    """Reads of bundles."""

    def with_numbers(self) -> BundleQuerySet:
        """Annotate how many sheets there are and are entered, and how many of their signatures count."""
        sheets = Sheet.objects.filter(bundle=OuterRef("pk")).order_by().values("bundle")
        rows = EnteredRow.objects.filter(sheet__bundle=OuterRef("pk"))
        return self.annotate(  # type: ignore[no-redef]
            sheet_count=_number(sheets.annotate(n=Count("pk"))),
            entered_count=_number(sheets.filter(entered_at__isnull=False).annotate(n=Count("pk"))),
            counting=_number(_counting(rows).order_by().values("sheet__bundle").annotate(n=Count("pk"))),
        )


class Bundle(models.Model):
    """A stack of sheets or slips under one text: who had it printed, and what it is called."""

    # Together they are one foreign key in the database, to the version of this petition (``bundle.sql``).
    petition = models.ForeignKey(
        Petition, on_delete=models.PROTECT, db_constraint=False, related_name="bundles", verbose_name=_("petition")
    )
    text_version = models.ForeignKey(
        TextVersion, on_delete=models.PROTECT, db_constraint=False, related_name="+", verbose_name=_("text version")
    )
    # What organisers call it may say where people met.
    label_encrypted = models.BinaryField()
    language = models.CharField(_("language"), max_length=2, choices=shipped_choices)
    # One signer to a piece of paper, so that nobody sees who signed before.
    is_slips = models.BooleanField(default=False)
    two_people = models.BooleanField(_("two people type each sheet"), default=False)
    made_by = models.ForeignKey(Organiser, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=TransactionNow())

    objects = BundleQuerySet.as_manager()

    sheet_count: int
    entered_count: int
    counting: int

    class Meta:
        default_permissions = ()
        permissions = [("enter_signatures", _("Can enter signatures from paper"))]
        constraints = [
            models.UniqueConstraint(fields=["petition", "id"], name="bundle_of_petition"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="bundle_language_known"),
        ]
        indexes = [models.Index("petition", F("id").desc(), name="bundle_newest")]

    def __str__(self) -> str:
        """Return the number."""
        return f"{self.pk}"


class SheetQuerySet(models.QuerySet["Sheet"]):
    """Reads of sheets."""

    def with_numbers(self) -> SheetQuerySet:
        """Annotate how many of a sheet's signatures count, and how often it was typed and waits for more."""
        rows = EnteredRow.objects.filter(sheet=OuterRef("pk"))
        return self.annotate(  # type: ignore[no-redef]
            counting=_number(_counting(rows).order_by().values("sheet").annotate(n=Count("pk"))),
            typed_count=Count("typings", distinct=True),
        )


class Sheet(models.Model):
    """One piece of paper, with its own number, and who has entered it."""

    # Together they are one foreign key in the database, to the bundle of this petition (``bundle.sql``).
    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, db_constraint=False, related_name="sheets")
    # As many as are printed on it.
    lines = models.PositiveIntegerField()
    entered_by = models.ForeignKey(Organiser, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(null=True)
    # How many signatures were entered; of some sheets only this number.
    amount = models.PositiveIntegerField(null=True)
    is_bare = models.BooleanField(default=False)
    # Where sheets lie whose names were not typed. Encrypted, since it leads to the names.
    place_encrypted = models.BinaryField(null=True)

    objects = SheetQuerySet.as_manager()

    counting: int
    typed_count: int

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(lines__gte=1), name="sheet_has_lines"),
            models.CheckConstraint(
                condition=Q(entered_at__isnull=True, entered_by__isnull=True, amount__isnull=True, is_bare=False)
                | Q(entered_at__isnull=False, entered_by__isnull=False, amount__isnull=False),
                name="sheet_entered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(is_bare=True, place_encrypted__isnull=False)
                | Q(is_bare=False, place_encrypted__isnull=True),
                name="sheet_place_if_not_typed",
            ),
        ]
        indexes = [models.Index("bundle", "id", name="sheet_of_bundle")]

    def __str__(self) -> str:
        """Return the number."""
        return f"{self.number}"

    @property
    def number(self) -> int:
        """Return the number that is printed on it, which no other sheet of the site has."""
        return self.pk


class EnteredRow(models.Model):
    """Which line of which sheet became which signature; a line becomes one only once."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()
    # No foreign key: the signature may be erased.
    signature_id = models.BigIntegerField(unique=True)
    # At its signer's request: what stands on this line is never typed again.
    was_erased = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["sheet", "line"], name="entered_line_once")]

    def __str__(self) -> str:
        """Return the number of the signature."""
        return f"{self.signature_id}"


class Typing(models.Model):
    """What one person read on a sheet, encrypted, until a second one has typed it, too."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="typings")
    place = models.PositiveSmallIntegerField()
    typed_by = models.ForeignKey(Organiser, on_delete=models.PROTECT, related_name="+")
    rows_encrypted = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["sheet", "place"], name="typing_first_and_second"),
            models.UniqueConstraint(fields=["sheet", "typed_by"], name="typing_by_two_people"),
            models.CheckConstraint(condition=Q(place__in=[FIRST, SECOND]), name="typing_not_a_third"),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the names."""
        return f"{self.pk}"


def signatures_of(rows: QuerySet[EnteredRow]) -> SignatureQuerySet:
    """Return the signatures that rows became and that are still there, in every state."""
    return Signature.objects.filter(pk__in=rows.values("signature_id"))


def _counting(rows: QuerySet[EnteredRow]) -> QuerySet[EnteredRow]:
    """Keep the rows whose signatures count."""
    there = Signature.objects.filter(pk=OuterRef("signature_id"), state=SignatureState.CONFIRMED)
    return rows.filter(Exists(there))


def _number(grouped: QuerySet[Any, Any]) -> Coalesce:
    """Return the number of a subquery of one group, or 0 where there is none."""
    return Coalesce(Subquery(grouped.values("n")[:1], output_field=IntegerField()), 0)
