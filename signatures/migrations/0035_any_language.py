"""The languages of each petition and of each text: those of before have both, as every text had until now."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

import signatures.languages

BOTH = "UPDATE signatures_petition SET languages = '{en,ru}';"
# A text has the languages that it was published in; nothing that was digested changes.
OF_ITS_BODIES = """
ALTER TABLE signatures_textversion DISABLE TRIGGER frozen;
UPDATE signatures_textversion AS version SET languages = (
    SELECT array_agg(body.language ORDER BY body.language) FROM signatures_textversionbody AS body
    WHERE body.version_id = version.id
);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE signatures_textversion ENABLE TRIGGER frozen;
"""

# Looked at when the transaction ends, since a version is stored before its texts.
HAS_ITS_BODIES = """
CREATE FUNCTION signatures_refuse_other_languages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT array_agg(language::text ORDER BY language::text)
            FROM signatures_textversionbody WHERE version_id = NEW.id)
        IS DISTINCT FROM (SELECT array_agg(code ORDER BY code) FROM unnest(NEW.languages::text[]) AS code)
    THEN
        RAISE EXCEPTION 'a published text is there in each of its languages once, and in no other'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER has_its_bodies AFTER INSERT ON signatures_textversion
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_other_languages();
"""
HAS_ITS_BODIES_REVERSE = """
DROP TRIGGER has_its_bodies ON signatures_textversion;
DROP FUNCTION signatures_refuse_other_languages();
"""

# Signers saw a recipient's names in the languages of their text: those stay, and another language can be added. The
# column without a code repeats one of them, in the language of whoever saved the row last, and nothing reads it.
NAMES_STAY = """
CREATE OR REPLACE FUNCTION signatures_refuse_renaming() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM signatures_textversionrecipient AS shown
        JOIN signatures_textversion AS version ON version.id = shown.version_id
        CROSS JOIN unnest(version.languages) AS code
        WHERE shown.recipient_id = OLD.id AND (
            OLD.petition_id <> NEW.petition_id
            OR to_jsonb(OLD) ->> ('name_' || code) IS DISTINCT FROM to_jsonb(NEW) ->> ('name_' || code)
        )
    ) THEN
        RAISE EXCEPTION 'a published recipient keeps its names' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER frozen ON signatures_recipient;
CREATE TRIGGER frozen BEFORE UPDATE ON signatures_recipient
    FOR EACH ROW WHEN (
        to_jsonb(OLD) - '{profile,position,name}'::text[] IS DISTINCT FROM
        to_jsonb(NEW) - '{profile,position,name}'::text[]
    )
    EXECUTE FUNCTION signatures_refuse_renaming();
"""
NAMES_STAY_REVERSE = """
CREATE OR REPLACE FUNCTION signatures_refuse_renaming() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM signatures_textversionrecipient WHERE recipient_id = OLD.id) THEN
        RAISE EXCEPTION 'a published recipient keeps its names' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER frozen ON signatures_recipient;
CREATE TRIGGER frozen BEFORE UPDATE ON signatures_recipient
    FOR EACH ROW WHEN (
        (OLD.petition_id, OLD.name, OLD.name_en, OLD.name_ru)
        IS DISTINCT FROM (NEW.petition_id, NEW.name, NEW.name_en, NEW.name_ru)
    ) EXECUTE FUNCTION signatures_refuse_renaming();
"""


class Migration(migrations.Migration):
    """Adds the languages, and asks of each petition for its own alone."""

    dependencies = [("signatures", "0034_any_petition")]

    operations = [
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_answer_in_every_language",
        ),
        migrations.RemoveConstraint(
            model_name="petition",
            name="petition_public_has_somebody_responsible",
        ),
        migrations.RemoveConstraint(
            model_name="update",
            name="update_published_in_every_language",
        ),
        migrations.AddField(
            model_name="petition",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2),
                default=signatures.languages.site_languages,
                size=None,
                verbose_name="languages of the petition",
            ),
        ),
        migrations.AddField(
            model_name="textversion",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2), default=list, editable=False, size=None
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(BOTH, migrations.RunSQL.noop),
        migrations.RunSQL(OF_ITS_BODIES, migrations.RunSQL.noop),
        migrations.RunSQL(HAS_ITS_BODIES, HAS_ITS_BODIES_REVERSE),
        migrations.RunSQL(NAMES_STAY, NAMES_STAY_REVERSE),
        migrations.AlterField(
            model_name="attempt",
            name="language",
            field=models.CharField(choices=signatures.languages.shipped_choices, max_length=2, null=True),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="language",
            field=models.CharField(choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="organiser",
            name="language",
            field=models.CharField(
                blank=True,
                choices=signatures.languages.language_choices,
                default="",
                max_length=2,
                verbose_name="language of the admin",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmail",
            name="language",
            field=models.CharField(choices=signatures.languages.shipped_choices, max_length=2),
        ),
        migrations.AlterField(
            model_name="signature",
            name="language",
            field=models.CharField(choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="tally",
            name="language",
            field=models.CharField(choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="textversionbody",
            name="language",
            field=models.CharField(choices=signatures.languages.shipped_choices, max_length=2),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ANSWERED"), _negated=True),
                    models.Q(
                        ("answered_on__gte", models.F("handed_over_on")),
                        ("answered_on__isnull", False),
                        models.Q(
                            models.Q(models.Q(("reply_en__isnull", False), models.Q(("reply_en", ""), _negated=True))),
                            models.Q(models.Q(("reply_ru__isnull", False), models.Q(("reply_ru", ""), _negated=True))),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="delivery_answer_in_a_language",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "DRAFT"),
                    models.Q(
                        models.Q(("contact", ""), _negated=True),
                        models.Q(
                            models.Q(("languages__contains", ["en"]), _negated=True),
                            models.Q(
                                ("responsible_body_en__isnull", False),
                                models.Q(("responsible_body_en", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        models.Q(
                            models.Q(("languages__contains", ["ru"]), _negated=True),
                            models.Q(
                                ("responsible_body_ru__isnull", False),
                                models.Q(("responsible_body_ru", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="petition_public_has_somebody_responsible",
                violation_error_message="Signers must see who is responsible, and whom to write to.",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(("languages__contained_by", ["en", "ru"]), ("languages__len__gt", 0)),
                name="petition_languages_known",
                violation_error_message="Choose the languages of the petition, at least one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="textversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("languages__contained_by", ["en", "ru"]), ("languages__len__gt", 0)),
                name="text_version_languages_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="update",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_at__isnull", True),
                    models.Q(
                        models.Q(("title_en__isnull", False), models.Q(("title_en", ""), _negated=True)),
                        models.Q(("body_en__isnull", False), models.Q(("body_en", ""), _negated=True)),
                    ),
                    models.Q(
                        models.Q(("title_ru__isnull", False), models.Q(("title_ru", ""), _negated=True)),
                        models.Q(("body_ru__isnull", False), models.Q(("body_ru", ""), _negated=True)),
                    ),
                    _connector="OR",
                ),
                name="update_published_in_a_language",
            ),
        ),
    ]
