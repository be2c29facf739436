"""A second press of the button that confirms is told from somebody else's, so that a used code tells nobody that it was."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

STUB = Q(
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
WHOLE = Q(
    Q(domain_keys__isnull=True) | Q(domain_keys__len__gte=1),
    Q(visibility="COUNTED", name_encrypted__isnull=True, city_encrypted__isnull=True)
    | Q(visibility__in=["DELIVERED", "PUBLIC"], name_encrypted__isnull=False),
    visibility__isnull=False,
    confirmed_at__isnull=True,
    press_hash__isnull=True,
    country__isnull=False,
    language__isnull=False,
    language__in=["en", "ru"],
    text_version__isnull=False,
    email_keys__isnull=False,
    email_keys__len__gte=1,
)
SAMPLES = "ALTER TABLE signatures_attempt ALTER COLUMN press_hash SET STATISTICS {statistics}"


class Migration(migrations.Migration):
    """Adds the column; what waits keeps none."""

    dependencies = [("signatures", "0018_releases")]

    operations = [
        migrations.AddField("attempt", "press_hash", models.BinaryField(max_length=32, null=True)),
        migrations.RunSQL(SAMPLES.format(statistics=0), SAMPLES.format(statistics=-1)),
        migrations.RemoveConstraint("attempt", "attempt_whole_or_stub"),
        migrations.AddConstraint(
            "attempt", models.CheckConstraint(condition=STUB | WHOLE, name="attempt_whole_or_stub")
        ),
    ]
