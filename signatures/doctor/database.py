"""The database server: its version and locale, what it logs, what it would lose, how many it lets in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import connection

from signatures.doctor.findings import Finding, Level, Options, fine, rows, warn, wrong
from signatures.models.pooling import Pooling, pooling_of
from signatures.models.writability import writing_failure

# Beside those of the web server's threads: workers, downloads of lists, commands, the doctor.
FURTHER_CONNECTIONS = 15
LOGS = "names and addresses of signers land in PostgreSQL's log"
LOST = "signatures that were answered with a thank-you are lost when the machine stops"


@dataclass(frozen=True)
class Rule:
    """A setting of PostgreSQL, which values of it are right, and what follows from others."""

    name: str
    right: str
    harm: str
    is_right: Callable[[str], bool]
    level: Level = Level.WRONG


def _is(*values: str) -> Callable[[str], bool]:
    return lambda value: value in values


RULES = (
    Rule("log_min_error_statement", "panic", LOGS, _is("panic")),
    Rule("log_error_verbosity", "terse", LOGS, _is("terse")),
    Rule("log_min_duration_statement", "-1", LOGS, _is("-1")),
    Rule("log_min_duration_sample", "-1", LOGS, _is("-1")),
    Rule("log_transaction_sample_rate", "0", LOGS, _is("0")),
    Rule("log_statement", "none", LOGS, _is("none", "ddl")),
    Rule("log_parameter_max_length_on_error", "0", LOGS, _is("0")),
    Rule("debug_print_parse", "off", LOGS, _is("off")),
    Rule("debug_print_rewritten", "off", LOGS, _is("off")),
    Rule("debug_print_plan", "off", LOGS, _is("off")),
    Rule("auto_explain.log_min_duration", "-1", LOGS, _is("-1")),
    Rule("pgaudit.log", "none", LOGS, _is("none")),
    Rule("fsync", "on", LOST, _is("on")),
    Rule("full_page_writes", "on", LOST, _is("on")),
    Rule("synchronous_commit", "on", LOST, lambda value: value != "off"),
    Rule(
        "autovacuum",
        "on",
        "tables grow without end, and pages get slower",
        _is("on"),
    ),
    Rule(
        "client_connection_check_interval",
        "5s",
        "a statement goes on after the process that waited for it is gone",
        lambda value: value != "0",
        Level.WARN,
    ),
    Rule(
        "default_transaction_isolation",
        "read committed",
        "signing at once ends with errors",
        _is("read committed"),
        Level.WARN,
    ),
)


SERVING_ROLE = "petition_site.E004"


def check_database(options: Options) -> Iterator[Finding]:
    """Check version, locale, and whether this is the database that takes writes."""
    # Of the role that serves another check tells.
    found = run_checks(tags=[Tags.database], databases=["default"])
    errors = [error for error in found if error.id != SERVING_ROLE]
    for error in errors:
        yield wrong(error.msg, str(error.hint or "See docs/operations.md."))
    [(version, is_standby)] = rows("SELECT current_setting('server_version'), pg_is_in_recovery()")
    if not errors:
        yield fine(f"PostgreSQL {version} answers, and knows the case of Cyrillic letters.")
    if is_standby:
        yield wrong(
            "DATABASE_URL leads to a standby, which takes no signature.",
            "Let it lead to the primary; after a switch-over, to the address that follows the primary.",
        )
        return
    failure = writing_failure()
    if failure is not None:
        yield wrong(
            f"The database cannot take a signature ({type(failure.__cause__ or failure).__name__}).",
            "DiskFull: make room on the disk of PostgreSQL. InsufficientPrivilege: give the role its rights, by"
            " running the migrations. ReadOnlySqlTransaction: switch default_transaction_read_only off.",
        )


def check_settings_of_database(options: Options) -> Iterator[Finding]:
    """Check what PostgreSQL logs, and what it would lose."""
    found = dict(rows("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [[rule.name for rule in RULES]]))
    amiss = [rule for rule in RULES if rule.name in found and not rule.is_right(found[rule.name])]
    for rule in amiss:
        yield Finding(
            rule.level,
            f"PostgreSQL has {rule.name} = {found[rule.name]}: {rule.harm}.",
            f"ALTER SYSTEM SET {rule.name} = '{rule.right}'; SELECT pg_reload_conf();",
        )
    if not amiss:
        yield fine("PostgreSQL logs no values, and keeps what it has confirmed.")


def check_connections(options: Options) -> Iterator[Finding]:
    """Check whether the server lets all threads in at once, and whether the way there is encrypted."""
    [(allowed, of_role, of_database)] = rows(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,"
        " (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user),"
        " (SELECT datconnlimit FROM pg_database WHERE datname = current_database())"
    )
    allowed = min(limit for limit in (allowed, of_role, of_database) if limit >= 0)
    workers, threads = settings.WEB_SERVER.workers, settings.WEB_SERVER.threads
    needed = workers * threads + FURTHER_CONNECTIONS
    if needed > allowed:
        yield wrong(
            f"The web server's {workers} processes with {threads} threads, and all else, need {needed} connections, and"
            f" PostgreSQL allows {allowed}: under load visitors are refused.",
            f"ALTER SYSTEM SET max_connections = {needed + 20}, then restart PostgreSQL; or lower WEB_WORKERS or"
            " WEB_THREADS.",
        )
    else:
        yield fine(f"PostgreSQL allows {allowed} connections, of which the site needs {needed}.")
    [(is_encrypted, is_far)] = rows(
        "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),"
        " coalesce(NOT inet_server_addr() <<= '127.0.0.0/8'::inet AND inet_server_addr() <> '::1'::inet, false)"
    )
    if is_far and not is_encrypted:
        yield wrong(
            "The connection to PostgreSQL crosses a network without encryption: names can be read on the way.",
            "Add ?sslmode=verify-full&sslrootcert=… to DATABASE_URL, and switch ssl on in PostgreSQL.",
        )


def check_pooler(options: Options) -> Iterator[Finding]:
    """Check whether a pooler keeps a session's server process."""
    # What follows from it was tried: prepared statements are missing, and every second signer gets an error.
    if connection.in_atomic_block:
        yield warn("Inside a transaction nothing shows how connections are pooled.", "Run this check by itself.")
        return
    pooling = pooling_of()
    if pooling == Pooling.TRANSACTIONS:
        yield wrong(
            "A pooler shares connections between transactions: prepared statements and locks are lost, and signers get"
            " errors.",
            "Set pool_mode = session in PgBouncer, for the site's database.",
        )
    elif pooling == Pooling.UNKNOWN:
        yield warn(
            "A pooler lets no further connection in, so that its mode cannot be seen.",
            "Raise default_pool_size in PgBouncer to the number of connections that the site needs.",
        )
    elif pooling == Pooling.SESSIONS:
        yield fine("The pooler keeps the connection of a session.")
    else:
        yield fine("There is no pooler before the database.")
