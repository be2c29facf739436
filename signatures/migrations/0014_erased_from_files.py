"""Notes what is to be rewritten, takes no samples of what belongs to people, and guards rows against TRUNCATE, too."""

from __future__ import annotations

import django.contrib.postgres.functions
from django.db import migrations, models

# PostgreSQL would keep samples of keys, of encrypted addresses and of sessions for longer than what they were taken of.
# Nothing is planned by them: where one is looked for, an index says that there is one. Those taken before would stay for
# ever; they go where a column is given a type, be it its own.
SAMPLES = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT attrelid::regclass AS name, attname, format_type(atttypid, atttypmod) AS type
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
            AND (relname IN ('signatures_signature', 'signatures_attempt', 'signatures_outgoingmail',
                    'signatures_mailcount', 'signatures_suppression')
                AND atttypid IN ('bytea'::regtype, 'bytea[]'::regtype)
                OR relname = 'signatures_outgoingmail' AND attname = 'message_id'
                OR relname = 'signatures_leadpetitioner' AND attname NOT IN ('petition_id')
                OR relname = 'signatures_ratelimit' AND attname = 'key'
                OR relname = 'django_session' AND attname IN ('session_key', 'session_data'))
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE %s, ALTER COLUMN %I SET STATISTICS {statistics}',
            found.name, found.attname, found.type, found.attname);
    END LOOP;
END $$;
"""
NONE, USUAL = "0", "-1"
# Nor of the words of names: of a table that was emptied they would stay for ever, since nothing takes their place. What
# was taken before goes with the index.
WORDS = """
DROP INDEX signature_name_words;
CREATE INDEX signature_name_words ON signatures_signature USING gin (to_tsvector('simple'::regconfig, COALESCE(lower(name), '')));
ALTER INDEX signature_name_words ALTER COLUMN 1 SET STATISTICS {statistics};
"""

# Guards that look at rows are not asked when a table is emptied at once.
TRUNCATION = """
CREATE FUNCTION signatures_refuse_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% cannot be emptied', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
DO $$
DECLARE
    guarded regclass;
BEGIN
    -- BEFORE UPDATE or DELETE, FOR EACH ROW.
    FOR guarded IN
        SELECT DISTINCT tgrelid FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal
            AND tgtype::int & 3 = 3 AND tgtype::int & 24 <> 0
    LOOP
        EXECUTE format('CREATE TRIGGER not_emptied BEFORE TRUNCATE ON %s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation()', guarded);
    END LOOP;
END $$;
"""
# With the triggers that call it.
TRUNCATION_REVERSE = "DROP FUNCTION signatures_refuse_truncation() CASCADE;"


class Migration(migrations.Migration):
    """Makes the table of what was rewritten when; sets samples to none; adds triggers."""

    dependencies = [("signatures", "0013_watermarks"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Rewrite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField(unique=True)),
                (
                    "clean_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow()),
                ),
                ("seen", models.TextField()),
            ],
        ),
        migrations.RunSQL(SAMPLES.replace("{statistics}", NONE), SAMPLES.replace("{statistics}", USUAL)),
        migrations.RunSQL(WORDS.format(statistics=NONE), WORDS.format(statistics=USUAL)),
        migrations.RunSQL(TRUNCATION, TRUNCATION_REVERSE),
    ]
