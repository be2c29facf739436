"""What the role that serves may do with each table; another role owns the tables and migrates.

Triggers freeze rows. They bind whoever does not own the tables, so the role that serves owns none, and is not even
granted what the triggers refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

READ = frozenset({"SELECT"})
# Rows are added, and never changed or taken away.
ADD = READ | {"INSERT"}
# Rows are added, and changed in what their triggers allow, but stay.
KEEP = ADD | {"UPDATE"}
# Rows are added, and taken away by one job (triggers), but never changed.
FOLD = ADD | {"DELETE"}
WORK = ADD | {"UPDATE", "DELETE"}
# With these, other tables and triggers could get hold of a table, or empty it past the guards of its rows.
NEVER = frozenset({"TRUNCATE", "REFERENCES", "TRIGGER"})

TABLE_RIGHTS: dict[str, frozenset[str]] = {
    # Filled by migrations.
    "auth_permission": READ,
    "django_content_type": READ,
    "django_migrations": READ,
    # Not used: the desk has sessions of its own, and nobody has a permission outside of roles.
    "django_session": READ,
    "signatures_organiser_user_permissions": READ,
    "django_admin_log": ADD,
    # ensure_roles makes them.
    "auth_group": ADD,
    "auth_group_permissions": WORK,
    "django_otp_webauthn_webauthnattestation": WORK,
    "django_otp_webauthn_webauthncredential": WORK,
    "django_otp_webauthn_webauthnuserhandle": WORK,
    "signatures_accesslink": WORK,
    "signatures_alertnews": WORK,
    "signatures_alertwish": WORK,
    "signatures_approval": KEEP,
    "signatures_attempt": WORK,
    "signatures_auditentry": ADD,
    "signatures_auditseal": ADD,
    "signatures_batch": WORK,
    "signatures_batchrow": WORK,
    "signatures_bouncecount": WORK,
    "signatures_bouncemailbox": WORK,
    "signatures_bundle": WORK,
    "signatures_countedrow": WORK,
    "signatures_delivery": WORK,
    "signatures_enteredrow": WORK,
    "signatures_erasure": WORK,
    "signatures_hourtally": FOLD,
    "signatures_journalfolder": WORK,
    "signatures_leadpetitioner": WORK,
    "signatures_mailcount": WORK,
    "signatures_mailoutcome": WORK,
    "signatures_membership": WORK,
    "signatures_milestone": WORK,
    "signatures_movement": WORK,
    "signatures_newsmailing": WORK,
    "signatures_newssubscriber": WORK,
    "signatures_organiser": KEEP,
    "signatures_organiser_groups": WORK,
    "signatures_outgoingmail": WORK,
    "signatures_packing": ADD,
    "signatures_petition": WORK,
    "signatures_picture": WORK,
    "signatures_ratelimit": WORK,
    "signatures_recipient": WORK,
    "signatures_recoverycode": WORK,
    "signatures_relay": WORK,
    "signatures_release": ADD,
    "signatures_releaseclock": WORK,
    "signatures_removedmark": WORK,
    # The worker enters new tables; which ones are clean is said by whoever rewrites them, their owner.
    "signatures_rewrite": ADD,
    "signatures_secretmark": WORK,
    # Whoever finds the database behind the journal takes the leave to serve away; the owner gives it.
    "signatures_serving": READ | {"DELETE"},
    "signatures_session": WORK,
    "signatures_sheet": WORK,
    "signatures_signature": WORK,
    "signatures_standinghold": WORK,
    "signatures_suppression": WORK,
    "signatures_switch": WORK,
    "signatures_tally": FOLD,
    "signatures_tallysplit": WORK,
    "signatures_tallysum": WORK,
    "signatures_textversion": ADD,
    "signatures_textversionbody": ADD,
    "signatures_textversionrecipient": ADD,
    "signatures_totpdevice": WORK,
    "signatures_trouble": WORK,
    "signatures_typing": WORK,
    "signatures_update": WORK,
    "signatures_wave": WORK,
    "signatures_workerbeat": WORK,
}
# Numbers of rows come from identity columns, whose sequences need no right; a dump reads where they stand.
SEQUENCE_RIGHTS = READ

# Every right that the role itself, or everybody, was granted on what we own in our schema; on single columns apart.
GRANTED = """
SELECT relname, relkind = 'S', coalesce(array_agg(DISTINCT
    CASE grantee WHEN 0 THEN 'PUBLIC ' ELSE '' END || privilege_type || suffix)
    FILTER (WHERE grantee IS NOT NULL), '{}')
FROM pg_class LEFT JOIN LATERAL (
    SELECT grantee, privilege_type, '' AS suffix FROM aclexplode(relacl)
    UNION ALL
    SELECT held.grantee, held.privilege_type, ' of a column'
    FROM pg_attribute, aclexplode(attacl) AS held WHERE attrelid = pg_class.oid
) AS granted ON grantee IN (0, %(role)s::regrole)
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'S')
    AND pg_has_role(current_user, relowner, 'USAGE')
GROUP BY relname, relkind ORDER BY relname
"""
# What anybody may do in the database and its schema. Who can make a table, be it for one session, can put it in the
# place of one that a trigger reads.
AROUND = """
SELECT kind, name, coalesce(array_agg(CASE grantee WHEN 0 THEN 'PUBLIC ' ELSE '' END || privilege_type)
    FILTER (WHERE grantee IS NOT NULL), '{}')
FROM (
    SELECT 'DATABASE' AS kind, datname AS name, coalesce(datacl, acldefault('d', datdba)) AS acl
    FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'SCHEMA', nspname, coalesce(nspacl, acldefault('n', nspowner))
    FROM pg_namespace WHERE nspname = current_schema()
) AS around LEFT JOIN LATERAL aclexplode(acl) ON grantee IN (0, %(role)s::regrole)
GROUP BY kind, name
"""
# Lets nobody do anything.
HARMLESS = {"PUBLIC CONNECT", "PUBLIC USAGE"}
OF_ALL, OF_COLUMN = "PUBLIC ", " of a column"
AROUND_RIGHTS = {"DATABASE": frozenset({"CONNECT"}), "SCHEMA": frozenset({"USAGE"})}


@dataclass(frozen=True)
class Change:
    """What is to be granted or taken back on one table, sequence, database or schema.

    :param kind: in the words of GRANT
    :param wanted: the rights that the role is to have
    :param held: those that it, or with ``PUBLIC`` before them everybody, has now
    """

    kind: str
    name: str
    wanted: frozenset[str]
    held: frozenset[str]

    def __str__(self) -> str:
        """Say what is missing, and what is too much."""
        missing, excess = self.wanted - self.held, self.held - self.wanted
        words = [f"{sign}{', '.join(sorted(rights))}" for sign, rights in (("+", missing), ("-", excess)) if rights]
        return f"{self.kind.lower()} {self.name}: {' '.join(words)}"

    def statements(self, quoted: str, role: str) -> Iterator[str]:
        """Return the statements that make it so.

        :param quoted: the name, quoted as in SQL
        :param role: the role that serves, likewise
        """
        for right in sorted(self.held - self.wanted):
            whom = "PUBLIC" if right.startswith(OF_ALL) else role
            # A right on single columns goes with those on the table.
            taken = "ALL" if right.endswith(OF_COLUMN) else right.removeprefix(OF_ALL)
            yield f"REVOKE {taken} ON {self.kind} {quoted} FROM {whom}"
        yield f"GRANT {', '.join(sorted(self.wanted))} ON {self.kind} {quoted} TO {role}"


def changes_for(cursor: CursorWrapper, role: str) -> list[Change]:
    """Return what differs from the table of rights; tables that this version does not know are left alone.

    :param cursor: of the owner's connection
    :param role: name of the role that serves
    """
    cursor.execute(AROUND, {"role": _as_identifier(cursor, role)})
    found = [
        Change(kind, name, AROUND_RIGHTS[kind], frozenset(held) - HARMLESS) for kind, name, held in cursor.fetchall()
    ]
    cursor.execute(GRANTED, {"role": _as_identifier(cursor, role)})
    for name, is_sequence, held in cursor.fetchall():
        if is_sequence:
            found.append(Change("SEQUENCE", name, SEQUENCE_RIGHTS, frozenset(held)))
        elif name in TABLE_RIGHTS:
            found.append(Change("TABLE", name, TABLE_RIGHTS[name], frozenset(held)))
    return [change for change in found if change.held != change.wanted]


def unknown_tables(cursor: CursorWrapper) -> list[str]:
    """Return the tables of ours that the table of rights does not name."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
        " AND relname <> ALL (%s) AND pg_has_role(current_user, relowner, 'USAGE') ORDER BY relname",
        [list(TABLE_RIGHTS)],
    )
    return [name for (name,) in cursor.fetchall()]


def apply_changes(cursor: CursorWrapper, role: str, changes: Sequence[Change]) -> None:
    """Grant and revoke; to be called in a transaction, so that the role is never without what it needs."""
    quoted = _as_identifier(cursor, role)
    for change in changes:
        for statement in change.statements(_as_identifier(cursor, change.name), quoted):
            cursor.execute(statement)


def wanted_rights(names: Iterable[str] = TABLE_RIGHTS) -> tuple[list[str], list[str]]:
    """Return tables and rights as two lists of the same length, for ``unnest``."""
    pairs = [(name, right) for name in names for right in sorted(TABLE_RIGHTS[name])]
    return [name for name, _ in pairs], [right for _, right in pairs]


def _as_identifier(cursor: CursorWrapper, name: str) -> str:
    return str(cursor.db.ops.quote_name(name))
