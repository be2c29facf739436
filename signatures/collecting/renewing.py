"""Keeps what is stored encrypted of paper readable while keys change."""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from django.db import transaction

from signatures.models import Bundle, Sheet, Typing
from signatures.safeguarding.encryption import decrypt, encrypt


def readable(data: bytes | memoryview | None) -> str:
    """Return words that are stored encrypted, or "" if there are none or their key is gone."""
    try:
        return decrypt(data) if data is not None else ""
    except InvalidToken:
        return ""


def renew_paper() -> None:
    """Encrypt what is stored of paper under the newest key, so that an old one can be dropped."""
    for model, field in ((Bundle, "label_encrypted"), (Sheet, "place_encrypted"), (Typing, "rows_encrypted")):
        for pk in model.objects.filter(**{f"{field}__isnull": False}).values_list("pk", flat=True):
            with transaction.atomic():
                row = model.objects.select_for_update(of=("self",)).filter(pk=pk, **{f"{field}__isnull": False}).first()
                if row is None:
                    continue
                try:
                    setattr(row, field, encrypt(decrypt(getattr(row, field))))
                except InvalidToken:
                    # The key is gone; it may come back from a backup of the settings.
                    continue
                row.save(update_fields=[field])
