"""Releases tell of text versions with and without a name in one split, and remember which names stood beside a number."""

from __future__ import annotations

from django.db import migrations

# What older releases told of text versions and recipients is forgotten: the next release starts anew from nothing.
REWRITE = """
ALTER TABLE signatures_release DISABLE TRIGGER append_only;
UPDATE signatures_release SET figures = jsonb_set(
    figures - 'versions' - 'named' || jsonb_build_object('texts', jsonb_build_object('total', figures->'count')),
    '{countries,seen}', figures->'countries'->'known');
ALTER TABLE signatures_release ENABLE TRIGGER append_only;
"""
REWRITE_REVERSE = """
ALTER TABLE signatures_release DISABLE TRIGGER append_only;
UPDATE signatures_release SET figures = figures - 'texts' #- '{countries,seen}'
    || jsonb_build_object('named', jsonb_build_object(), 'versions', jsonb_build_object('total', figures->'count'));
ALTER TABLE signatures_release ENABLE TRIGGER append_only;
"""


class Migration(migrations.Migration):
    """Rewrites the figures of the releases there are."""

    dependencies = [("signatures", "0019_same_press")]

    operations = [migrations.RunSQL(REWRITE, REWRITE_REVERSE)]
