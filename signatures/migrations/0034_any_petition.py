"""What pages, letters and files said of one country becomes each petition's own; guarded petitions keep the words."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import signatures.models.petition

# What every petition said until now.
WORDS = {
    "safety_notice": {
        "en": (
            "**Do you live in Belarus or Russia, travel there, or have family there? Choose “No one”.** "
            "There, a signature can lead to questioning, dismissal or prosecution. Don’t use a work address "
            "or one ending in .by or .ru. After confirming, delete our e-mail and clear your browser "
            "history. No website can promise complete safety."
        ),
        "ru": (
            "**Вы живёте в Беларуси или России, ездите туда или там живут ваши близкие? Выберите «Никто».** "
            "За подпись там могут вызвать на допрос, уволить или завести дело. Не указывайте рабочую почту и"
            " адреса на .by и .ru. После подтверждения удалите наше письмо и очистите историю браузера. "
            "Полной безопасности не может обещать ни один сайт."
        ),
    },
    "sharing_notice": {
        "en": ("Share only if it is safe: in Belarus this can be punished."),
        "ru": ("Делитесь ссылкой, только если это безопасно: в Беларуси за это могут наказать."),
    },
    "confidentiality": {
        "en": (
            "The names reveal political opinions. Some signers live where a signature can lead to "
            "questioning, dismissal or prosecution, or have family there."
        ),
        "ru": (
            "Имена раскрывают политические взгляды. За подпись могут вызвать на допрос, уволить или завести "
            "дело там, где живут некоторые из подписавших или их близкие."
        ),
    },
}
COUNTRIES_FIRST = ["BY", "PL", "LT", "DE", "UA", "US", "RU"]
PLACES = [
    ("TELEGRAM", "Telegram"),
    ("WHATSAPP", "WhatsApp"),
    ("VIBER", "Viber"),
    ("VK", "VK"),
    ("FACEBOOK", "Facebook"),
    ("X", "X (Twitter)"),
    ("EMAIL", "E-mail"),
]
TEXTS: dict[str, dict[str, object]] = {
    "safety_notice": {
        "verbose_name": "safety notice",
        "max_length": 1000,
        "help_text": "Markdown. It stands above the form: who must take care, and how. Empty: none.",
    },
    "sharing_notice": {
        "verbose_name": "sharing notice",
        "max_length": 300,
        "help_text": "It stands above the links for passing the petition on. Empty: none.",
    },
    "confidentiality": {
        "verbose_name": "why names are confidential",
        "max_length": 600,
        "help_text": "It stands in the letter and in README.txt of lists with names. Empty: none.",
    },
    "thanks": {
        "verbose_name": "words of thanks",
        "max_length": 600,
        "help_text": "They stand on the page after confirming. Empty: none.",
    },
    "closing_words": {
        "verbose_name": "closing words",
        "max_length": 1000,
        "help_text": "Once it is closed they stand above the text and in the list: what has come of it. Empty: none.",
    },
}


def keep_the_words(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give what guarded petitions showed to their drafts and to the texts that are published, whose digests stay."""
    petitions, bodies = apps.get_model("signatures", "Petition"), apps.get_model("signatures", "TextVersionBody")
    petitions.objects.update(countries_first=COUNTRIES_FIRST)
    drafts = {f"{part}_{code}": words for part, by_code in WORDS.items() for code, words in by_code.items()}
    # A language of its own to each column: the plain one is that of the language in use.
    petitions.objects.filter(protection="GUARDED").update(**drafts, **{part: by["en"] for part, by in WORDS.items()})
    schema_editor.execute("ALTER TABLE signatures_textversionbody DISABLE TRIGGER frozen")
    for code in ("en", "ru"):
        words = {part: by_code[code] for part, by_code in WORDS.items()}
        bodies.objects.filter(version__protection="GUARDED", language=code).update(**words)
    # Checks that wait for the end of the transaction would keep the table from being altered.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    schema_editor.execute("ALTER TABLE signatures_textversionbody ENABLE TRIGGER frozen")


class Migration(migrations.Migration):
    """Adds the texts, the countries and the places."""

    dependencies = [("signatures", "0033_surnames")]

    operations = [
        *(
            migrations.AddField(
                "petition",
                f"{name}{ending}",
                models.TextField(blank=True, **options, **({"null": True} if ending else {})),  # type: ignore[arg-type]
            )
            for name, options in TEXTS.items()
            for ending in ("", "_en", "_ru")
        ),
        migrations.AddField(
            "petition",
            "countries_first",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2),
                blank=True,
                default=list,
                size=None,
                verbose_name="countries shown first",
            ),
        ),
        migrations.AddField(
            "petition",
            "share_places",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=PLACES, max_length=8),
                blank=True,
                default=signatures.models.petition.usual_share_places,
                size=None,
                verbose_name="places to share",
            ),
        ),
        *(
            migrations.AddField("textversionbody", name, models.TextField(blank=True, db_default="", default=""))
            for name in WORDS
        ),
        migrations.AddConstraint(
            "petition",
            models.CheckConstraint(
                condition=models.Q(share_places__contained_by=[place for place, _label in PLACES]),
                name="petition_share_places_known",
            ),
        ),
        migrations.RunPython(keep_the_words, migrations.RunPython.noop),
    ]
