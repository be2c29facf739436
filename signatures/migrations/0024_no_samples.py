"""No samples of second factors and pictures among the statistics of PostgreSQL."""

from __future__ import annotations

from django.db import migrations

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Runs the files that switch the samples off."""

    dependencies = [
        ("django_otp_webauthn", "0004_webauthnuserhandle"),
        ("signatures", "0023_pictures_and_scheduled_news"),
    ]

    operations = [run_sql_file("models/second_factor.sql"), run_sql_file("models/picture.sql")]
