"""Packing: the signed record of a hand-over's files at one moment, kept for ever."""

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
# The files that prove the others of a packing.
PROOF = (PUBLIC_KEY, MANIFEST, SIGNATURE)
EDITION_LENGTH = 16  # hexadecimal digits
Entry = dict[str, str]


@dataclass(frozen=True)
class PackedFile:
    """A file name in a packing."""

    packing: Packing
    name: str


class PackingQuerySet(models.QuerySet["Packing"]):
    """Queries for packings."""

    def with_file(self, digest: str) -> list[PackedFile]:
        """Return every file in these packings with a digest, newest packing first.

        :param digest: SHA-256 in hexadecimal
        """
        return [
            PackedFile(packing, entry["name"])
            for packing in self.select_related("delivery__recipient").order_by("-id")
            for entry in packing.all_files
            if entry["sha256"] == digest
        ]


class Packing(models.Model):
    """A signed manifest; never changed or deleted (trigger). Every file that left the site belongs to one."""

    delivery = models.ForeignKey(
        "signatures.Delivery", on_delete=models.PROTECT, related_name="packings", verbose_name=_("hand-over")
    )
    made_at = models.DateTimeField(_("made at"), db_default=TransactionNow(), editable=False)
    confirmed = models.PositiveIntegerField(_("signatures"))
    named = models.PositiveIntegerField(_("with names"))
    # Stored byte for byte as it was signed.
    manifest = models.TextField(editable=False)
    signature = models.BinaryField(max_length=64, editable=False)
    public_key = models.BinaryField(max_length=32, editable=False)
    # Part of each file's watermark; empty for files from before there were watermarks.
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
        """Return the id."""
        return f"{self.pk}"

    @property
    def unnamed(self) -> int:
        """Return how many signatures are only counted."""
        return self.confirmed - self.named

    @property
    def files(self) -> list[Entry]:
        """Return name and digest of each file in the manifest; older manifests also contain sizes."""
        entries = json.loads(self.manifest)["files"]
        return [{"name": entry["name"], "sha256": entry["sha256"]} for entry in entries]

    @property
    def counts(self) -> dict[str, int | None]:
        """Return the counts in the manifest."""
        return dict(json.loads(self.manifest)["counts"])

    @property
    def all_files(self) -> list[Entry]:
        """Return name and digest of each file, with the manifest and its signature last."""
        return [
            *self.files,
            {"name": MANIFEST, "sha256": self.manifest_digest},
            {"name": SIGNATURE, "sha256": self.signature_digest},
        ]

    @property
    def is_handed_over(self) -> bool:
        """Return whether this packing is the one recorded as handed over."""
        return self.delivery.packing_id == self.pk

    @property
    def manifest_digest(self) -> str:
        """Return the SHA-256 of the manifest in hexadecimal."""
        return hashlib.sha256(self.manifest.encode()).hexdigest()

    @property
    def signature_digest(self) -> str:
        """Return the SHA-256 of the signature file in hexadecimal."""
        return hashlib.sha256(bytes(self.signature)).hexdigest()
