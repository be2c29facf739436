"""Packing: what the files of a hand-over were at one moment, signed and kept for ever."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
PUBLIC_KEY = "public-key.pem"
# What proves the other files of a packing.
PROOF = (PUBLIC_KEY, MANIFEST, SIGNATURE)
EDITION_LENGTH = 16  # hexadecimal digits
Entry = dict[str, str]


@dataclass(frozen=True)
class PackedFile:
    """A file of a packing."""

    packing: Packing
    name: str


class PackingQuerySet(models.QuerySet["Packing"]):
    """Reads of packings."""

    def with_file(self, digest: str) -> list[PackedFile]:
        """Return every file of these that has a digest, those made last first.

        :param digest: SHA-256 in hexadecimal
        """
        return [
            PackedFile(packing, entry["name"])
            for packing in self.select_related("delivery__recipient").order_by("-id")
            for entry in packing.all_files
            if entry["sha256"] == digest
        ]


class Packing(models.Model):
    """A signed manifest; every file that left the house belongs to one, and none changes or goes (trigger)."""

    delivery = models.ForeignKey(
        "signatures.Delivery", on_delete=models.PROTECT, related_name="packings", verbose_name=_("hand-over")
    )
    made_at = models.DateTimeField(_("made at"), db_default=TransactionNow(), editable=False)
    confirmed = models.PositiveIntegerField(_("signatures"))
    named = models.PositiveIntegerField(_("with names"))
    # Kept as it was signed, byte for byte.
    manifest = models.TextField(editable=False)
    signature = models.BinaryField(max_length=64, editable=False)
    public_key = models.BinaryField(max_length=32, editable=False)
    # Part of the watermark of each file; empty where the files were made before they carried any.
    edition = models.CharField(_("edition"), max_length=EDITION_LENGTH, blank=True, default="", editable=False)

    objects = PackingQuerySet.as_manager()

    class Meta:
        verbose_name = _("packing")
        verbose_name_plural = _("packings")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "id"], name="packing_of_delivery"),
            models.CheckConstraint(condition=Q(named__lte=F("confirmed")), name="packing_names_are_confirmed"),
            models.CheckConstraint(
                condition=~Q(manifest="") & ~Q(signature=b"") & ~Q(public_key=b""), name="packing_is_signed"
            ),
        ]

    def __str__(self) -> str:
        """Return the row's number."""
        return f"{self.pk}"

    @property
    def unnamed(self) -> int:
        """Return how many are numbers only."""
        return self.confirmed - self.named

    @property
    def files(self) -> list[Entry]:
        """Return name and digest of each file that the manifest names; older manifests hold sizes, too."""
        entries = json.loads(self.manifest)["files"]
        return [{"name": entry["name"], "sha256": entry["sha256"]} for entry in entries]

    @property
    def counts(self) -> dict[str, int | None]:
        """Return the numbers that the manifest tells."""
        return dict(json.loads(self.manifest)["counts"])

    @property
    def all_files(self) -> list[Entry]:
        """Return name and digest of each file, the manifest and its signature last."""
        return [
            *self.files,
            {"name": MANIFEST, "sha256": self.manifest_digest},
            {"name": SIGNATURE, "sha256": self.signature_digest},
        ]

    @property
    def is_handed_over(self) -> bool:
        """Return whether this is what the hand-over is recorded to have brought to its recipient."""
        return self.delivery.packing_id == self.pk

    @property
    def manifest_digest(self) -> str:
        """Return the SHA-256 of the manifest in hexadecimal."""
        return hashlib.sha256(self.manifest.encode()).hexdigest()

    @property
    def signature_digest(self) -> str:
        """Return the SHA-256 of the file that holds the signature, in hexadecimal."""
        return hashlib.sha256(bytes(self.signature)).hexdigest()
