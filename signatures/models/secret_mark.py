"""SecretMark: by which a database recognises the secrets that it has been used with."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models

# Of secrets that have no version.
NO_VERSION = 0


class SecretMark(models.Model):
    """A check value of one secret: a keyed hash of a constant, which leads back to nothing.

    It shows a configuration that belongs to another database, and an old secret that was dropped too early.
    """

    setting = models.CharField(max_length=30)
    # As in EMAIL_KEY_SECRETS, whose versions are stored with every key.
    version = models.PositiveSmallIntegerField(default=NO_VERSION, db_default=NO_VERSION)
    mark = models.BinaryField(max_length=32)
    first_used_at = models.DateTimeField(db_default=TransactionNow(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["setting", "version", "mark"], name="secret_mark_once"),
            models.UniqueConstraint(
                fields=["setting", "version"], name="secret_mark_of_a_version", condition=~models.Q(version=NO_VERSION)
            ),
        ]

    def __str__(self) -> str:
        """Return the name of the setting."""
        return self.setting
