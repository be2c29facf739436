"""OutsideList: signatures that were collected elsewhere, from the file that was read until they count."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from signatures.languages import shipped_choices
from signatures.models.bundle import LABEL_LENGTH_MAX, Bundle
from signatures.models.choices import Language
from signatures.models.clock import over
from signatures.models.organiser import Organiser
from signatures.models.petition import Petition
from signatures.models.text_version import TextVersion

# What was read of a file and is not entered is forgotten.
PARKED_LIFETIME = timedelta(days=1)


class ListStage(models.TextChoices):
    """How far a list is."""

    PARKED = "PARKED", _("Read, not entered")
    QUEUED = "QUEUED", _("Being entered")
    DONE = "DONE", _("Entered")


class RowFate(models.TextChoices):
    """What becomes of a row of a file."""

    # Whether an address has signed here already is told by no row: nobody at the desk can look an address up.
    TAKEN = "TAKEN", _("Taken, or here already")
    TWICE = "TWICE", _("In the file before")
    NO_ADDRESS = "NO_ADDRESS", _("No e-mail address")
    BAD_ADDRESS = "BAD_ADDRESS", _("Not an e-mail address")
    NO_COUNTRY = "NO_COUNTRY", _("No country")
    BAD_COUNTRY = "BAD_COUNTRY", _("No country is called like this")
    NO_DAY = "NO_DAY", _("No date")
    BAD_DAY = "BAD_DAY", _("Not a date")
    LATER = "LATER", _("The date is in the future")


class OutsideListQuerySet(models.QuerySet["OutsideList"]):
    """Reads of lists."""

    def queued(self) -> OutsideListQuerySet:
        """Keep those that the worker has to enter, the oldest first."""
        return self.filter(stage=ListStage.QUEUED).order_by("pk")

    def forgotten(self) -> OutsideListQuerySet:
        """Keep those that were read a day ago, and that nobody has entered."""
        return self.filter(stage=ListStage.PARKED).filter(over("made_at", PARKED_LIFETIME))


class OutsideList(models.Model):
    """The file of a list from elsewhere: what was read of it, who lets it be entered, and how far that is."""

    # Together they are one foreign key in the database, to the version of this petition (``outside_list.sql``).
    petition = models.ForeignKey(
        Petition, on_delete=models.PROTECT, db_constraint=False, related_name="+", verbose_name=_("petition")
    )
    text_version = models.ForeignKey(
        TextVersion, on_delete=models.PROTECT, db_constraint=False, related_name="+", verbose_name=_("text version")
    )
    label = models.CharField(_("label"), max_length=LABEL_LENGTH_MAX)
    language = models.CharField(_("language"), max_length=2, choices=shipped_choices)
    # Recognises the same file, and tells nobody without the secret what is in it.
    file_key = models.BinaryField(max_length=33)
    # The letters of the columns that were read.
    columns = models.JSONField(default=dict)
    # How many rows met which fate.
    fates = models.JSONField(default=dict)
    has_addresses = models.BooleanField()
    # Whether somebody else than who has read the file must let it be entered.
    needs_two = models.BooleanField()
    stage = models.CharField(max_length=6, choices=ListStage.choices, default=ListStage.PARKED)
    # How many rows the worker has gone through.
    progress = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(Organiser, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=TransactionNow())
    started_by = models.ForeignKey(Organiser, on_delete=models.PROTECT, null=True, related_name="+")
    bundle = models.OneToOneField(Bundle, on_delete=models.PROTECT, null=True, related_name="outside_list")

    objects = OutsideListQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("import_signatures", _("Can enter lists of signatures from elsewhere"))]
        constraints = [
            models.CheckConstraint(condition=Q(language__in=Language.values), name="list_language_known"),
            models.CheckConstraint(condition=~Q(label=""), name="list_has_label"),
            models.CheckConstraint(
                condition=Q(stage=ListStage.PARKED, started_by__isnull=True, bundle__isnull=True)
                | Q(stage=ListStage.QUEUED, started_by__isnull=False, bundle__isnull=True)
                | Q(stage=ListStage.DONE, started_by__isnull=False, bundle__isnull=False),
                name="list_started_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(needs_two=False) | Q(started_by__isnull=True) | ~Q(started_by=F("made_by")),
                name="list_started_by_another",
            ),
        ]
        indexes = [models.Index("petition", F("id").desc(), name="list_newest")]

    def __str__(self) -> str:
        """Return the number; the label may say where people met."""
        return f"{self.pk}"

    @property
    def line_count(self) -> int:
        """Return how many rows the file has."""
        return sum(self.fates.values())

    @property
    def usable_count(self) -> int:
        """Return how many rows can be entered, those of addresses that have signed here included."""
        return int(self.fates.get(RowFate.TAKEN, 0))

    @property
    def percent(self) -> int:
        """Return how much of it was gone through."""
        return 100 * self.progress // max(1, self.usable_count)


class ListPart(models.Model):
    """Some rows of a list, encrypted, until they are entered: no address and no name is in them."""

    outside_list = models.ForeignKey(OutsideList, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    rows_encrypted = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["outside_list", "number"], name="list_part_once")]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the rows in it."""
        return f"{self.pk}"
