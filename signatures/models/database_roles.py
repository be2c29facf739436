"""The two roles of the database: the one that serves owns nothing; another owns the tables, migrates and rewrites them.

Where ``DATABASE_OWNER_URL`` is not set, one role is both, as on a trial.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.utils import CursorWrapper

from signatures.models.table_rights import NEVER, TABLE_RIGHTS, wanted_rights

WHERE_TO_CONNECT = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
# Whether the current role has what owners of all our tables have; whether there are none, and it may make them; whether
# it is itself the owner of some. Tables of extensions may be anybody's.
OWNED = """
SELECT count(*) > 0 AND bool_and(pg_has_role(current_user, relowner, 'USAGE')),
    count(*) = 0 AND coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
    count(*) FILTER (WHERE relowner = quote_ident(current_user)::regrole) > 0
FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY (%s)
"""
# Roles that the current one is or may become, and that own something of this database, have power over others, or read
# and write files of the server.
POWERFUL = """
SELECT rolname FROM pg_roles
WHERE pg_has_role(current_user, oid, 'MEMBER') AND (
    rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
    OR rolname IN ('pg_write_all_data', 'pg_maintain', 'pg_read_server_files', 'pg_write_server_files',
        'pg_execute_server_program', 'pg_create_subscription', 'pg_signal_backend')
    OR oid IN (
        SELECT refobjid FROM pg_shdepend, pg_database
        WHERE datname = current_database() AND deptype = 'o' AND refclassid = 'pg_authid'::regclass
            AND (dbid = pg_database.oid OR classid = 'pg_database'::regclass AND objid = pg_database.oid)))
ORDER BY rolname <> current_user, rolname
"""
TOO_MUCH = """
SELECT 'TEMPORARY on the database' WHERE has_database_privilege(current_database(), 'TEMPORARY')
UNION ALL SELECT 'CREATE on the database' WHERE has_database_privilege(current_database(), 'CREATE')
UNION ALL SELECT format('CREATE on the schema %%s', nspname) FROM pg_namespace
    WHERE nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE')
UNION ALL SELECT 'SET on session_replication_role'
    WHERE has_parameter_privilege('session_replication_role', 'SET')
UNION ALL SELECT 'session_replication_role is ' || current_setting('session_replication_role')
    WHERE current_setting('session_replication_role') <> 'origin'
UNION ALL SELECT 'a setting of its own: ' || split_part(own, '=', 1) FROM pg_db_role_setting, unnest(setconfig) AS own
    WHERE setrole = quote_ident(current_user)::regrole AND split_part(own, '=', 1) = ANY (%(settings)s)
UNION ALL SELECT format('%%s on %%s', never, relname) FROM pg_class, unnest(%(never)s) AS never
    WHERE relnamespace = current_schema()::regnamespace AND relname = ANY (%(tables)s)
        AND has_table_privilege(pg_class.oid, never)
"""
MISSING = """
SELECT 'USAGE on the schema public' WHERE current_schema() IS NULL
UNION ALL SELECT format('%%s on %%s', wanted, name) FROM unnest(%(names)s, %(wanted)s) AS pairs (name, wanted)
WHERE to_regclass(quote_ident(name)) IS NOT NULL AND NOT has_table_privilege(to_regclass(quote_ident(name)), wanted)
"""
NAMED_AT_MOST = 5
# With each login these would go with the role, whoever gave them to it: which triggers run, whose tables they read,
# and what is loaded.
NEVER_SET = [
    "local_preload_libraries",
    "role",
    "row_security",
    "search_path",
    "session_preload_libraries",
    "session_replication_role",
]
# By these a role keeps in the database what no job of ours knows of, so that nothing would erase it.
MAKES_LARGE_OBJECTS = """
SELECT EXISTS (
    SELECT FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(oid, 'EXECUTE')
        AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'lo_put'))
"""


@contextmanager
def as_owner() -> Iterator[None]:
    """Let the default connection be that of the owner meanwhile, where it is another role than the one that serves.

    Migrations and the code that they call know one connection, so it is this one that changes roles. Not to be called
    in a transaction, nor in a process that serves.

    :raises ImproperlyConfigured: if PostgreSQL does not let the owner in
    """
    if not settings.DATABASE_OWNER:
        yield
        return
    wrapper = connections[DEFAULT_DB_ALIAS]
    of_server = wrapper.settings_dict
    owner = {"OPTIONS": {}} | {
        name: value for name, value in settings.DATABASE_OWNER.items() if name in WHERE_TO_CONNECT
    }
    wrapper.close()
    # Another dictionary, since the settings share this one: they go on naming the role that serves.
    wrapper.settings_dict = of_server | owner
    try:
        try:
            wrapper.ensure_connection()
        except OperationalError as error:
            message = (
                f"PostgreSQL does not let us in by DATABASE_OWNER_URL: {str(error).strip()}"
                " Where the role belongs to an account of the system, run this as that account."
            )
            raise ImproperlyConfigured(message) from error
        yield
    finally:
        wrapper.close()
        wrapper.settings_dict = of_server


def may_migrate() -> bool:
    """Return whether the current role owns all our tables, or may make them where there are none.

    :raises django.db.Error: if the database cannot be reached
    """
    with connection.cursor() as cursor:
        return any(_owned(cursor)[:2])


def owns_tables() -> bool:
    """Return whether the current role owns all our tables.

    :raises django.db.Error: if the database cannot be reached
    """
    with connection.cursor() as cursor:
        return _owned(cursor)[0]


def is_one_role(cursor: CursorWrapper) -> bool:
    """Return whether the role of this connection serves, and owns the tables as well, or may make them."""
    _, may_make, is_owner = _owned(cursor)
    return not settings.DATABASE_OWNER and (is_owner or may_make)


def serving_problems(cursor: CursorWrapper) -> list[str]:
    """Return a sentence for each thing by which the role that serves could switch guards off, or could not serve.

    Where one role is both, and where the connection is the owner's, there is nothing to say.

    :param cursor: of the connection of the role that serves
    """
    cursor.execute("SELECT current_user")
    role = cursor.fetchone()[0]
    if role == settings.DATABASE_OWNER.get("USER"):
        return []
    if is_one_role(cursor):
        return []
    problems = []
    if settings.DATABASE_OWNER.get("PASSWORD"):
        problems.append(
            "DATABASE_OWNER_URL holds a password here: whoever takes a process that serves could log in as the owner."
        )
    for sentence, statement in (
        (
            "The role {role} serves, and is, or is a member of, a role that owns something or is powerful: {found}.",
            POWERFUL,
        ),
        ("The role {role} serves, and has rights that it must not have: {found}.", TOO_MUCH),
        ("The role {role} serves, and lacks rights: {found}.", MISSING),
    ):
        names, wanted = wanted_rights()
        values = {"never": sorted(NEVER), "tables": list(TABLE_RIGHTS), "names": names, "wanted": wanted}
        values["settings"] = NEVER_SET
        cursor.execute(statement, values)
        found = [name for (name,) in cursor.fetchall()]
        if found:
            shown = ", ".join(found[:NAMED_AT_MOST]) + (" and others" if len(found) > NAMED_AT_MOST else "")
            problems.append(sentence.format(role=role, found=shown))
    return problems


def makes_large_objects(cursor: CursorWrapper) -> bool:
    """Return whether the role of this connection may make large objects, which only a superuser can take from it."""
    cursor.execute(MAKES_LARGE_OBJECTS)
    return bool(cursor.fetchone()[0])


def _owned(cursor: CursorWrapper) -> tuple[bool, bool, bool]:
    cursor.execute(OWNED, [list(TABLE_RIGHTS)])
    may_alter, may_make, is_owner = cursor.fetchone()
    return may_alter, may_make, is_owner
