"""The lead petitioner's nationality, for letters in either language."""

from __future__ import annotations

from django.db import migrations, models

# Nobody can say in which language it was entered: it stands in both until somebody changes one.
COPY = "UPDATE signatures_leadpetitioner SET nationality_en = nationality, nationality_ru = nationality;"
COPY_BACK = (
    "UPDATE signatures_leadpetitioner SET nationality = coalesce(nullif(nationality_en, ''), nationality_ru, '');"
)


class Migration(migrations.Migration):
    """Adds a column for each language, and fills both."""

    dependencies = [("signatures", "0008_packings")]

    operations = [
        *(
            migrations.AddField(
                model_name="leadpetitioner",
                name=f"nationality_{language}",
                field=models.CharField(blank=True, max_length=80, null=True, verbose_name="nationality"),
            )
            for language in ("en", "ru")
        ),
        migrations.RunSQL(COPY, COPY_BACK),
    ]
