"""Releases: the published numbers, what waits for the next of them, and which names everyone may read."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models

# Signatures that enter, change or leave are noted for the next release. One that enters and leaves between two releases
# was in neither, and leaves nothing. Erasing a whole campaign is no movement.
NOTE_MOVEMENTS = """
CREATE FUNCTION signatures_note_movement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted_before boolean := TG_OP <> 'INSERT' AND OLD.state = 'CONFIRMED';
    counts_now boolean := TG_OP <> 'DELETE' AND NEW.state = 'CONFIRMED';
    number bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
BEGIN
    IF current_setting('signatures.erasing', true) = 'on' THEN
        DELETE FROM signatures_movement WHERE signature_id = number;
        RETURN NULL;
    END IF;
    IF NOT (counted_before OR counts_now) THEN
        -- One that was removed since the last release may go for good, too.
        UPDATE signatures_movement SET is_gone = TG_OP = 'DELETE' WHERE signature_id = number AND NOT is_counted;
        RETURN NULL;
    END IF;
    INSERT INTO signatures_movement (signature_id, petition_id, was_counted, is_counted, is_gone)
    VALUES (number, CASE WHEN TG_OP = 'DELETE' THEN OLD.petition_id ELSE NEW.petition_id END, counted_before, true,
        false)
    ON CONFLICT (signature_id) DO NOTHING;
    IF NOT counts_now THEN
        DELETE FROM signatures_movement WHERE signature_id = number AND NOT was_counted;
    END IF;
    UPDATE signatures_movement SET is_counted = counts_now, is_gone = TG_OP = 'DELETE'
    WHERE signature_id = number AND (is_counted, is_gone) IS DISTINCT FROM (counts_now, TG_OP = 'DELETE');
    RETURN NULL;
END $$;
CREATE TRIGGER note_movement AFTER INSERT OR DELETE ON signatures_signature
    FOR EACH ROW EXECUTE FUNCTION signatures_note_movement();
CREATE TRIGGER note_change AFTER UPDATE ON signatures_signature
    FOR EACH ROW WHEN (
        (OLD.state, OLD.visibility, OLD.country, OLD.language, OLD.text_version_id, OLD.last_confirmed_at)
        IS DISTINCT FROM
        (NEW.state, NEW.visibility, NEW.country, NEW.language, NEW.text_version_id, NEW.last_confirmed_at)
    ) EXECUTE FUNCTION signatures_note_movement();
"""
NOTE_MOVEMENTS_REVERSE = """
DROP TRIGGER note_change ON signatures_signature;
DROP TRIGGER note_movement ON signatures_signature;
DROP FUNCTION signatures_note_movement();
"""

# A name that is new to the public, or not what it was, waits for a release and stands at a place of its own: by the
# minute, and at random within it.
PLACE_NAMES = """
CREATE FUNCTION signatures_random_place() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (extract(epoch FROM now()) / 60)::bigint * 4294967296 + floor(random() * 4294967296)::bigint
$$;
CREATE FUNCTION signatures_place_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'CONFIRMED' OR NEW.visibility <> 'PUBLIC' THEN
        NEW.is_listed := false;
        NEW.place := NULL;
    ELSIF TG_OP = 'INSERT' THEN
        NEW.is_listed := false;
        NEW.place := signatures_random_place();
    ELSIF (OLD.state, OLD.visibility, OLD.name, OLD.country)
        IS DISTINCT FROM (NEW.state, NEW.visibility, NEW.name, NEW.country) THEN
        NEW.is_listed := false;
        NEW.place := signatures_random_place();
    END IF;
    RETURN NEW;
END $$;
UPDATE signatures_signature SET place = signatures_random_place()
WHERE state = 'CONFIRMED' AND visibility = 'PUBLIC';
CREATE TRIGGER place_name BEFORE INSERT OR UPDATE ON signatures_signature
    FOR EACH ROW EXECUTE FUNCTION signatures_place_name();
-- No release would be told of it.
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_signature
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();
"""
PLACE_NAMES_REVERSE = """
DROP TRIGGER not_emptied ON signatures_signature;
DROP TRIGGER place_name ON signatures_signature;
DROP FUNCTION signatures_place_name();
DROP FUNCTION signatures_random_place();
"""

APPEND_ONLY = """
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_release
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON signatures_release
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
"""
APPEND_ONLY_REVERSE = "DROP TRIGGER append_only ON signatures_release; DROP TRIGGER not_emptied ON signatures_release;"

FROZEN_RELEASE = """
CREATE TRIGGER release_frozen BEFORE UPDATE ON signatures_delivery
    FOR EACH ROW WHEN (OLD.release_id IS DISTINCT FROM NEW.release_id) EXECUTE FUNCTION signatures_refuse_change();
"""
FROZEN_RELEASE_REVERSE = "DROP TRIGGER release_frozen ON signatures_delivery;"

# PostgreSQL would keep samples of seeds and keys for longer than these, and write them to its log.
SAMPLES = """
ALTER TABLE signatures_delivery ALTER COLUMN seed_encrypted SET STATISTICS {statistics};
ALTER TABLE signatures_mailcount ALTER COLUMN key SET STATISTICS {statistics};
ALTER TABLE signatures_removedmark ALTER COLUMN email_key SET STATISTICS {statistics};
"""

# What waits may be lost in a crash: the next release then waits for others.
UNLOGGED = "ALTER TABLE signatures_movement SET UNLOGGED"
LOGGED = "ALTER TABLE signatures_movement SET LOGGED"


class Migration(migrations.Migration):
    """Adds the tables and the columns of public names; who is public already appears with the first release."""

    dependencies = [("signatures", "0017_stored_differences")]

    operations = [
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name="made at"
                    ),
                ),
                ("figures", models.JSONField(verbose_name="figures")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
            ],
            options={"verbose_name": "release", "verbose_name_plural": "releases"},
        ),
        migrations.AddConstraint(
            "release", models.UniqueConstraint(fields=("petition", "number"), name="release_numbered")
        ),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_REVERSE),
        migrations.AddField(
            "delivery",
            "release",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="signatures.release",
                verbose_name="release",
            ),
        ),
        migrations.RunSQL(FROZEN_RELEASE, FROZEN_RELEASE_REVERSE),
        migrations.RunSQL(SAMPLES.format(statistics=0), SAMPLES.format(statistics=-1)),
        migrations.CreateModel(
            name="ReleaseClock",
            fields=[
                (
                    "petition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="signatures.petition",
                    ),
                ),
                (
                    "look_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                ("signature_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("was_counted", models.BooleanField()),
                ("is_counted", models.BooleanField()),
                ("is_gone", models.BooleanField(default=False)),
                (
                    "petition",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="movements",
                        to="signatures.petition",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "movement",
            models.CheckConstraint(
                condition=models.Q(was_counted=True) | models.Q(is_counted=True), name="movement_touches_the_count"
            ),
        ),
        migrations.AddConstraint(
            "movement",
            models.CheckConstraint(
                condition=models.Q(is_gone=False) | models.Q(is_counted=False), name="movement_gone_counts_no_more"
            ),
        ),
        migrations.AddIndex("movement", models.Index(models.F("petition"), name="movement_petition")),
        migrations.RunSQL(UNLOGGED, LOGGED),
        migrations.AddField("signature", "is_listed", models.BooleanField(default=False, editable=False)),
        migrations.AddField("signature", "place", models.BigIntegerField(null=True, editable=False)),
        migrations.RunSQL(PLACE_NAMES, PLACE_NAMES_REVERSE),
        migrations.RunSQL(NOTE_MOVEMENTS, NOTE_MOVEMENTS_REVERSE),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            "signature",
            models.CheckConstraint(
                condition=models.Q(state="CONFIRMED", visibility="PUBLIC", place__isnull=False)
                | models.Q(is_listed=False, place__isnull=True),
                name="signature_place_only_public",
            ),
        ),
        migrations.RemoveIndex("signature", "signature_public"),
        migrations.AddIndex(
            "signature",
            models.Index(
                "petition",
                models.F("place").desc(),
                name="signature_public",
                condition=models.Q(state="CONFIRMED", visibility="PUBLIC"),
            ),
        ),
    ]
