"""Every file that leaves the house belongs to a signed manifest that is kept for ever, however often files are made."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models

# The manifest that a hand-over had is its first packing. Its instant is that of the last ZIP before the recording.
MOVE = """
INSERT INTO signatures_packing (delivery_id, made_at, confirmed, named, manifest, signature, public_key)
SELECT delivery.id,
    coalesce(
        (SELECT max(made.at) FROM signatures_auditentry AS made
         WHERE made.action = 'EXPORT_STARTED' AND made.details ->> 'file' = 'package.zip'
         AND (made.details ->> 'delivery')::bigint = delivery.id
         AND (recorded.id IS NULL OR made.id < recorded.id)),
        recorded.at, delivery.prepared_at),
    delivery.confirmed, delivery.named, delivery.manifest, delivery.signature, delivery.public_key
FROM signatures_delivery AS delivery
LEFT JOIN LATERAL (
    SELECT id, at FROM signatures_auditentry
    WHERE action = 'DELIVERY_HANDED_OVER' AND target = delivery.id ORDER BY id LIMIT 1
) AS recorded ON true
WHERE delivery.manifest <> '' ORDER BY delivery.id;
UPDATE signatures_delivery AS delivery SET packing_id = packing.id FROM signatures_packing AS packing
WHERE packing.delivery_id = delivery.id AND delivery.state <> 'PREPARED';
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
# What was handed over is what the recording chose, or else the newest.
MOVE_BACK = """
DROP TRIGGER frozen ON signatures_delivery;
UPDATE signatures_delivery AS delivery
SET manifest = packing.manifest, signature = packing.signature, public_key = packing.public_key, packing_id = NULL
FROM signatures_packing AS packing
WHERE packing.id = coalesce(
    delivery.packing_id, (SELECT max(id) FROM signatures_packing AS other WHERE other.delivery_id = delivery.id));
CREATE TRIGGER frozen BEFORE UPDATE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_other_delivery();
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

FROZEN_DELIVERY = """
CREATE OR REPLACE FUNCTION signatures_refuse_other_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.petition_id, OLD.recipient_id, OLD.profile, OLD.cut_off, OLD.since, OLD.language, OLD.delimiter,
        OLD."order", OLD.with_latin, OLD.with_city, OLD.by_country, OLD.with_workbook, OLD.with_document,
        {more_old}OLD.prepared_at, OLD.prepared_by_id)
        IS DISTINCT FROM
       (NEW.petition_id, NEW.recipient_id, NEW.profile, NEW.cut_off, NEW.since, NEW.language, NEW.delimiter,
        NEW."order", NEW.with_latin, NEW.with_city, NEW.by_country, NEW.with_workbook, NEW.with_document,
        {more_new}NEW.prepared_at, NEW.prepared_by_id)
    THEN
        RAISE EXCEPTION 'another hand-over is another row' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'PREPARED' AND (
        (OLD.confirmed, OLD.named, {held_old}, OLD.handed_over_on, OLD.handed_over_how, OLD.note)
        IS DISTINCT FROM
        (NEW.confirmed, NEW.named, {held_new}, NEW.handed_over_on, NEW.handed_over_how, NEW.note)
        OR NEW.state = 'PREPARED' OR (OLD.state = 'ANSWERED' AND NEW.state <> 'ANSWERED'))
    THEN
        RAISE EXCEPTION 'what was handed over stays as it was' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
FROZEN_NOW = FROZEN_DELIVERY.format(
    more_old="OLD.with_petitioner, ",
    more_new="NEW.with_petitioner, ",
    held_old="OLD.packing_id",
    held_new="NEW.packing_id",
)
FROZEN_BEFORE = FROZEN_DELIVERY.format(
    more_old="",
    more_new="",
    held_old="OLD.manifest, OLD.signature, OLD.public_key",
    held_new="NEW.manifest, NEW.signature, NEW.public_key",
)

# A hand-over can go while nothing of it has left the house.
KEPT = """
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON signatures_packing
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
DROP TRIGGER kept ON signatures_delivery;
CREATE FUNCTION signatures_refuse_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'PREPARED' AND NOT EXISTS (SELECT FROM signatures_packing WHERE delivery_id = OLD.id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a hand-over whose files were made stays' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER kept BEFORE DELETE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_forgetting();
"""
KEPT_REVERSE = """
DROP TRIGGER kept ON signatures_delivery;
DROP FUNCTION signatures_refuse_forgetting();
CREATE TRIGGER kept BEFORE DELETE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
DROP TRIGGER frozen ON signatures_packing;
"""

OF_ITSELF = """
ALTER TABLE signatures_delivery ADD CONSTRAINT delivery_packing_of_itself
    FOREIGN KEY (id, packing_id) REFERENCES signatures_packing (delivery_id, id);
"""
OF_ITSELF_REVERSE = "ALTER TABLE signatures_delivery DROP CONSTRAINT delivery_packing_of_itself;"


class Migration(migrations.Migration):
    """Moves manifests to a table whose rows stay, and says of a hand-over which of them reached its recipient."""

    dependencies = [("signatures", "0007_petition_stays_public")]

    operations = [
        migrations.CreateModel(
            name="Packing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="made at",
                    ),
                ),
                ("confirmed", models.PositiveIntegerField(verbose_name="signatures")),
                ("named", models.PositiveIntegerField(verbose_name="with names")),
                ("manifest", models.TextField(editable=False)),
                ("signature", models.BinaryField(max_length=64)),
                ("public_key", models.BinaryField(max_length=32)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packings",
                        to="signatures.delivery",
                        verbose_name="hand-over",
                    ),
                ),
            ],
            options={"verbose_name": "packing", "verbose_name_plural": "packings"},
        ),
        migrations.AddConstraint(
            model_name="packing",
            constraint=models.UniqueConstraint(fields=("delivery", "id"), name="packing_of_delivery"),
        ),
        migrations.AddConstraint(
            model_name="packing",
            constraint=models.CheckConstraint(
                condition=models.Q(("named__lte", models.F("confirmed"))), name="packing_names_are_confirmed"
            ),
        ),
        migrations.AddConstraint(
            model_name="packing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("manifest", ""), _negated=True),
                    models.Q(("signature", b""), _negated=True),
                    models.Q(("public_key", b""), _negated=True),
                ),
                name="packing_is_signed",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="packing",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="signatures.packing",
                verbose_name="packing",
            ),
        ),
        # The letters that were made before named them to every recipient.
        migrations.AddField(
            model_name="delivery",
            name="with_petitioner",
            field=models.BooleanField(default=True, verbose_name="with the lead petitioner's nationality and address"),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="delivery", name="delivery_handed_over_is_signed"),
        migrations.RunSQL(migrations.RunSQL.noop, FROZEN_BEFORE),
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.RunSQL(FROZEN_NOW, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="delivery", name="manifest"),
        migrations.RemoveField(model_name="delivery", name="signature"),
        migrations.RemoveField(model_name="delivery", name="public_key"),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("handed_over_how", ""),
                        ("handed_over_on__isnull", True),
                        ("packing__isnull", True),
                        ("state", "PREPARED"),
                    ),
                    models.Q(
                        ("handed_over_on__isnull", False),
                        ("packing__isnull", False),
                        ("state__in", ["HANDED_OVER", "ANSWERED"]),
                        ("handed_over_how__in", ["IN_PERSON", "POST", "PORTAL", "MAIL", "OTHER"]),
                    ),
                    _connector="OR",
                ),
                name="delivery_handed_over_is_packed",
            ),
        ),
        migrations.RunSQL(OF_ITSELF, OF_ITSELF_REVERSE),
        migrations.RunSQL(KEPT, KEPT_REVERSE),
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("TEXT_PUBLISHED", "Text published"),
                    ("PETITION_CHANGED", "Petition changed"),
                    ("RECIPIENTS_CHANGED", "Recipients changed"),
                    ("NAMES_VIEWED", "Names looked at"),
                    ("EXPORT_STARTED", "Export started"),
                    ("EXPORT_FINISHED", "Export finished"),
                    ("EXPORT_ABORTED", "Export broken off"),
                    ("TALLY_REPAIRED", "Count repaired"),
                    ("SIGNATURE_HELD", "Signature held"),
                    ("SIGNATURE_REMOVED", "Signature removed"),
                    ("SIGNATURE_RESTORED", "Signature restored"),
                    ("DELIVERY_PREPARED", "Hand-over prepared"),
                    ("DELIVERY_DISCARDED", "Hand-over discarded"),
                    ("DELIVERY_HANDED_OVER", "List handed over"),
                    ("DELIVERY_ANSWERED", "Reply of a recipient entered"),
                    ("PETITIONER_CHANGED", "Lead petitioner changed"),
                    ("PETITION_CLOSED", "Petition closed at its retention date"),
                    ("PETITION_PURGED", "Signers' personal data erased"),
                    ("REASON_APPROVED", "Reason for signing approved"),
                    ("REASON_ERASED", "Reason for signing erased"),
                    ("UPDATE_CHANGED", "Update written or changed"),
                    ("UPDATE_PUBLISHED", "Update published"),
                    ("UPDATE_TAKEN_BACK", "Update taken back"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
    ]
