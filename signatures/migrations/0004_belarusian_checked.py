"""Reads whether every row keeps to the checks that know Belarusian, while everybody goes on."""

from __future__ import annotations

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validates the checks of tables that may have millions of rows."""

    dependencies = [("signatures", "0003_belarusian")]

    operations = [
        ValidateConstraint(model_name="attempt", name="attempt_whole_or_stub"),
        ValidateConstraint(model_name="signature", name="signature_language_known"),
    ]
