"""Compose the functions of the database by which names are searched and sorted, from tables of letters.

Names are one in search however they are typed, and sorted as their readers sort them; a list may go by surnames.
"""

from __future__ import annotations

# Nothing here depends on the server's collations, which differ from one to the next, nor on an extension, which an
# embedded or managed server may lack: a list comes out in the same order, byte for byte, wherever it is made.
APOSTROPHES = "`´ʹʻʼʽʾʿˈˊˋ՚׳״᾽᾿῾‘’‛′‵ꞌ＇"
# Accents, points and signs over and under a letter, the Arabic bar that only lengthens, and what is not seen: they make
# no other letter. The vowel signs of India and Thailand do, and are none of these.
DROPPED = (
    r"\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640"
    r"\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc"
    r"\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f"
    r"\ufe20-\ufe2f\ufeff\U000e0100-\U000e01ef"
)
# Whatever else stands between the parts of a name: hyphens and dots of all kinds, and the non-joiner of Persian.
DIVIDERS = (
    r"\u0001-\u001f\u0021-\u0026\u0028-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u009f\u00a1-\u00a9\u00ab-\u00b4"
    r"\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u02c2-\u02c5\u02d2-\u02df\u055b-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6"
    r"\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e4f\u0e5a\u0e5b\u10fb\u1400\u1806\u180a\u2000-\u20cf"
    r"\u2190-\u2bff\u2e00-\u2e7f\u3001-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\ufffc\ufffd"
    r"\U0001f000-\U0001faff"
)
# With a stroke, a hook or a tail, or at the end of a word Unicode takes them for other letters; those of Arabic are
# exchanged by keyboards.
FOLDED = {"łđðøħŧıəŋɓɗƙƴɛɔɨʉƀɖ": "lddohtienbdkyeoiubd", "ςґ": "σг", "ךםןףץ": "כמנפצ", "ٱکڪیىېےھہةە": "اككييييهههه"}
SPELT_OUT = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "װ": "וו", "ױ": "וי", "ײ": "יי"}
# A letter of its own, and no и with an accent.
SHORT_I = {"и\u0306": "й"}
# Letters of their own in a dictionary, each after its neighbour, which stands for it where a keyboard has none of them.
NEIGHBOURS = {
    "а": "әӕ",
    "г": "ғҕ",
    "д": "ђҙ",
    "ж": "җ",
    "з": "ѕӡ",
    "й": "ј",
    "к": "қҡҝ",
    "л": "љ",
    "н": "ңҥњ",
    "о": "ө",
    "с": "ҫ",
    "т": "ћ",
    "у": "үұ",
    "х": "ҳһ",
    "ч": "ҷҹџ",
    "ь": "ѣ",
    "ب": "پ",
    "ج": "چ",
    "ز": "ژ",
    "ك": "گ",
}
FREQUENT_NEIGHBOURS = {"е": "є", "и": "і"}
# Comes after every letter that can follow it.
AFTER_ALL_LETTERS = 0xF000
# As names are folded: a point has become a hyphen.
AFTER_A_POINT = "jr|sr|jnr|snr|jun|sen|esq|phd|мл|ст|мол|мал"
WITHOUT_A_POINT = "jr|sr|jnr|snr|junior|senior|ii|iii|iv|мл|ст|младший|старший|малодшы|старэйшы|молодший"
# Of a word that holds no letter, of "Jr.", and of two initials or more, which are no surname as one may be.
NO_NAME = rf"[-''0-9]+|-*(?:{AFTER_A_POINT})-+|(?:[^-'' 0-9]-+ *){{2,}}"


def quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def translated(column: str, letters: dict[str, str]) -> str:
    """Return an expression in which single letters are others."""
    old, new = ("".join(part) for part in zip(*letters.items(), strict=True))
    if len(old) != len(new):
        raise ValueError(letters)
    return f"translate({column}, {quoted(old)}, {quoted(new)})"


def replaced(column: str, pieces: dict[str, str]) -> str:
    """Return an expression in which pieces are others, one after the other."""
    for old, new in pieces.items():
        column = f"replace({column}, {quoted(old)}, {quoted(new)})"
    return column


def after_neighbours(neighbours: dict[str, str]) -> dict[str, str]:
    """Return for each letter what sorts it after its neighbour and before the next letter."""
    return {
        letter: base + chr(AFTER_ALL_LETTERS + place)
        for base, letters in neighbours.items()
        for place, letter in enumerate(letters)
    }


FREQUENT_SEARCHED = {"йіє": "иие"}
SEARCHED = {letter: "и" if base == "й" else base for base, letters in NEIGHBOURS.items() for letter in letters}
RARE = "".join(NEIGHBOURS.values())
APOSTROPHE = "'"

# Most names are of plain letters, for which the rest has nothing to do: a list of a million is indexed twice as fast.
CREATE_FUNCTIONS = f"""
CREATE FUNCTION signatures_folded(name text, for_search boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := {translated("lower(name)", {"ёїўґ": "еіуг"})};
BEGIN
    IF folded ~ '[^ 0-9a-zа-яіє''-]' THEN
        IF folded ~ '[{APOSTROPHES}]' THEN
            folded := {translated("folded", {APOSTROPHES: APOSTROPHE * len(APOSTROPHES)})};
        END IF;
        folded := lower(normalize(folded, NFKD));
        folded := regexp_replace({replaced("folded", SHORT_I)}, '[{DROPPED}]+', '', 'g');
        IF folded ~ '[{"".join(FOLDED)}]' THEN
            folded := {translated("folded", FOLDED)};
        END IF;
        IF folded ~ '[{"".join(SPELT_OUT)}]' THEN
            folded := {replaced("folded", SPELT_OUT)};
        END IF;
        folded := regexp_replace(folded, '[{DIVIDERS}]', '-', 'g');
    END IF;
    IF for_search THEN
        folded := {translated("folded", FREQUENT_SEARCHED)};
        IF folded ~ '[{RARE}]' THEN
            folded := {translated("folded", SEARCHED)};
        END IF;
    END IF;
    -- Of no word more than a tsvector can hold (2,046 bytes), whatever becomes of a name's letters.
    RETURN left(folded, 500);
END $$;

CREATE FUNCTION signatures_words(folded text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    -- What is joined by a hyphen or an apostrophe is looked for in its parts, and as one word.
    IF folded ~ '[-'']' THEN
        folded := translate(folded, '-''', '  ') || ' ' || translate(folded, '-''', '');
    END IF;
    RETURN array_to_tsvector(array_remove(string_to_array(folded, ' '), ''));
END $$;

CREATE FUNCTION signatures_sort_key(folded text, by_last_word boolean, cyrillic_first boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    key text := btrim(folded);
    behind text := '';
BEGIN
    IF by_last_word THEN
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
        key := split_part(key, ' ', -1) || ' ' || left(key, -length(split_part(key, ' ', -1)) - 1);
        key := key || behind;
    END IF;
    IF key ~ '[-'']' THEN
        key := btrim(regexp_replace(translate(key, '-''', ' '), ' +', ' ', 'g'));
    END IF;
    IF key ~ '[{"".join(FREQUENT_NEIGHBOURS.values())}]' THEN
        key := {replaced("key", after_neighbours(FREQUENT_NEIGHBOURS))};
    END IF;
    IF key ~ '[{RARE}]' THEN
        key := {replaced("key", after_neighbours(NEIGHBOURS))};
    END IF;
    IF cyrillic_first THEN
        key := CASE WHEN ascii(key) BETWEEN 1024 AND 1279 THEN '1' ELSE '2' END || key;
    END IF;
    RETURN key;
END $$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION signatures_sort_key(text, boolean, boolean);
DROP FUNCTION signatures_words(text);
DROP FUNCTION signatures_folded(text, boolean);
"""
