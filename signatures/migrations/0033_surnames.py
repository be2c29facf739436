"""Lists by surname go by the last word that is a name: no emoji, number, "Jr." or initials behind it."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

names = import_module("signatures.migrations.0021_names")

# As names are folded: a point has become a hyphen.
AFTER_A_POINT = "jr|sr|jnr|snr|jun|sen|esq|phd|мл|ст|мол|мал"
WITHOUT_A_POINT = "jr|sr|jnr|snr|junior|senior|ii|iii|iv|мл|ст|младший|старший|малодшы|старэйшы|молодший"
# Of a word that holds no letter, of "Jr.", and of two initials or more, which are no surname as one may be.
NO_NAME = rf"[-''0-9]+|-*(?:{AFTER_A_POINT})-+|(?:[^-'' 0-9]-+ *){{2,}}"
FIRST_VARIABLE = "key text := btrim(folded);"
BY_LAST_WORD = "key := split_part(key, ' ', -1) || ' ' || left(key, -length(split_part(key, ' ', -1)) - 1);"
BY_LAST_NAME = rf"""
        IF key ~ '(?:[-'']| [0-9]+| (?:{WITHOUT_A_POINT}))$' THEN
            behind := COALESCE(substring(key FROM '(?: +(?:{NO_NAME}))+$'), '');
            key := left(key, length(key) - length(behind));
            -- Alone behind one word it is the surname.
            IF key ~ '^[^ ]+ +[^ ]+.* (?:{WITHOUT_A_POINT})$' THEN
                behind := ' ' || split_part(key, ' ', -1) || behind;
                key := left(key, length(key) - length(split_part(key, ' ', -1)) - 1);
            END IF;
            key := rtrim(key);
        END IF;
        {BY_LAST_WORD}
        key := key || behind;
"""


def sort_key(*, by_last_word: str, declared: str = "") -> str:
    """Return the function that says what lists of names are sorted by.

    :param by_last_word: the statements for lists by surname
    :param declared: variables of these
    """
    _, create, function = names.FUNCTIONS.partition("CREATE FUNCTION signatures_sort_key")
    for old, new in ((BY_LAST_WORD, by_last_word), (FIRST_VARIABLE, FIRST_VARIABLE + declared)):
        if function.count(old) != 1:
            raise ValueError(old)
        function = function.replace(old, new)
    return f"{create.replace('CREATE', 'CREATE OR REPLACE')}{function}"


class Migration(migrations.Migration):
    """Replaces the function; no index is made of it, so that nothing has to be indexed anew."""

    dependencies = [("signatures", "0032_bounce_mailbox")]

    operations = [
        migrations.RunSQL(
            sort_key(by_last_word=BY_LAST_NAME, declared="\n    behind text := '';"),
            sort_key(by_last_word=BY_LAST_WORD),
        ),
    ]
