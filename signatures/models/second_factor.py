"""Second factors: what an organiser shows beside the password, and who has one."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django_otp.models import Device
from django_otp_webauthn.models import WebAuthnCredential

from signatures.models.organiser import Organiser

# Kept as long as the object: one request.
KEPT = "has_second_factor"


class TotpDevice(Device):  # type: ignore[misc]
    """The secret of a TOTP app (RFC 6238), encrypted.

    ``last_step`` is the newest half minute whose code was taken: none is taken twice.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="totp_devices")
    secret = models.BinaryField()
    last_step = models.BigIntegerField(default=0, db_default=0)
    added_at = models.DateTimeField(db_default=TransactionNow(), editable=False)


class RecoveryCode(models.Model):
    """The keyed hash of a code that lets an organiser in once, without the phone."""

    organiser = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint("organiser", "code_hash", name="recovery_code_once")]

    def __str__(self) -> str:
        """Return nothing of the code."""
        return f"recovery code {self.pk}"


class OrganiserBackend(ModelBackend):
    """Django's backend, whose accounts know whether they have a second factor: no page asks the database again."""

    def get_user(self, user_id: int) -> Organiser | None:
        """Return the account of a session if it is open."""
        found: Organiser | None = Organiser.objects.filter(pk=user_id).annotate(**{KEPT: _factors()}).first()
        return found if found is not None and self.user_can_authenticate(found) else None


def has_second_factor(organiser: Organiser) -> bool:
    """Return whether an account has an app or a passkey, which it then must show at each login."""
    kept: bool | None = getattr(organiser, KEPT, None)
    if kept is None:
        kept = Organiser.objects.filter(_factors(), pk=organiser.pk).exists()
        keep_whether_factor(organiser, has_one=kept)
    return kept


def keep_whether_factor(organiser: Organiser, *, has_one: bool) -> None:
    """Keep with the object whether its account has a second factor."""
    # Not by its dictionary: that of a request's user is the wrapper's.
    setattr(organiser, KEPT, has_one)


def _factors() -> Q:
    return Q(Exists(TotpDevice.objects.filter(user=OuterRef("pk"), confirmed=True))) | Q(
        Exists(WebAuthnCredential.objects.filter(user=OuterRef("pk"), confirmed=True))
    )


def without_second_factor() -> Q:
    """Match the accounts that have neither an app nor a passkey."""
    return ~_factors()
