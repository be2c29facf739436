"""A petition that people could sign stays where they find it, with somebody to write to."""

from __future__ import annotations

from django.db import migrations, models

# Its signers withdraw on its pages; a draft has none.
NEVER_HIDDEN = """
CREATE FUNCTION signatures_refuse_hiding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a petition that was public is closed, not hidden' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER never_hidden BEFORE UPDATE ON signatures_petition
    FOR EACH ROW WHEN (OLD.status <> 'DRAFT' AND NEW.status = 'DRAFT') EXECUTE FUNCTION signatures_refuse_hiding();
"""
NEVER_HIDDEN_REVERSE = """
DROP TRIGGER never_hidden ON signatures_petition;
DROP FUNCTION signatures_refuse_hiding();
"""


class Migration(migrations.Migration):
    """Adds the constraint and the trigger."""

    dependencies = [("signatures", "0006_updates_and_moderating")]

    operations = [
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "DRAFT"),
                    models.Q(
                        ("responsible_body_en__isnull", False),
                        ("responsible_body_ru__isnull", False),
                        models.Q(("responsible_body_en", ""), _negated=True),
                        models.Q(("responsible_body_ru", ""), _negated=True),
                        models.Q(("contact", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="petition_public_has_somebody_responsible",
                violation_error_message="Signers must see who is responsible, and whom to write to.",
            ),
        ),
        migrations.RunSQL(NEVER_HIDDEN, NEVER_HIDDEN_REVERSE),
    ]
