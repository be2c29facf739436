"""For each alert a history in which it fires, and one near to it in which it does not, in Prometheus' notation."""

from __future__ import annotations

from dataclasses import dataclass

WHERE = 'job="petition",instance="one"'
GIB = 1024**3


@dataclass(frozen=True)
class Case:
    """Two histories with a value each minute.

    minutes: how long they last before the alert is looked at.
    """

    fires: dict[str, str]
    does_not: dict[str, str]
    minutes: int = 60


def one(name: str, **labels: str) -> str:
    """Return a series of one machine."""
    return "{}{{{}}}".format(name, ",".join([WHERE, *(f'{key}="{value}"' for key, value in labels.items())]))


def always(number: float, minutes: int = 720) -> str:
    """Return a history that stays the same."""
    return f"{number}x{minutes}"


def growing(by: float, minutes: int = 720) -> str:
    """Return a history that grows by so much a minute from 0."""
    return f"0+{by}x{minutes}"


UP = one("up")
REQUESTS = one("petition_http_request_duration_seconds_count")
ERRORS = one("petition_http_requests_total", route="petition", status="500")
REFUSED = one("petition_http_requests_total", route="petition", status="429")
FORMS = one("petition_limits_hit_total", limit="forms")
GUESSES = one("petition_limits_hit_total", limit="login of account")
GIVEN_UP = one("petition_mails_total", outcome="given_up")
RETRIED = one("petition_mails_total", outcome="retried")
SENT = one("petition_mails_total", outcome="sent")
UNDELIVERABLE = one("petition_mails_total", outcome="undeliverable")
WORKERS = one("petition_workers")
BACKUP = one("petition_backup_age_seconds")
FREE = one("petition_disk_free_bytes", place="database")
SIZE = one("petition_disk_size_bytes", place="database")
DATABASE = one("petition_database_size_bytes")
HIDE_NAMES, READ_ONLY, CLOSED = (one("petition_switch", switch=name) for name in ("HIDE_NAMES", "READ_ONLY", "CLOSED"))
SECONDS = "petition_http_request_duration_seconds_bucket"


def buckets(quick: float, slow: float) -> dict[str, str]:
    """Return answers of which so many a minute take less than a second, and so many almost five."""
    return {
        one(SECONDS, le="1.0"): growing(quick),
        one(SECONDS, le="2.5"): growing(quick),
        one(SECONDS, le="5.0"): growing(quick + slow),
        one(SECONDS, le="+Inf"): growing(quick + slow),
    }


def releases(*versions: str) -> dict[str, str]:
    """Return machines that run these releases."""
    return {
        f'petition_build_info{{job="petition",instance="{number}",version="{version}"}}': always(1)
        for number, version in enumerate(versions)
    }


CASES = {
    "PetitionNotWatched": Case({'up{job="other"}': always(1)}, {UP: always(0)}),
    "PetitionAway": Case({UP: always(0)}, {UP: "1x57 0 1x100"}, 59),
    "PetitionDatabaseAway": Case({one("petition_database_up"): always(0)}, {one("petition_database_up"): always(1)}),
    "PetitionErrors": Case(
        {ERRORS: growing(10), REQUESTS: growing(100), CLOSED: always(0)},
        {ERRORS: growing(4), REFUSED: growing(90), REQUESTS: growing(100)},
    ),
    "PetitionSlow": Case(buckets(90, 10), buckets(97, 3)),
    "PetitionFlooded": Case({FORMS: growing(90)}, {FORMS: growing(30), GUESSES: growing(90)}),
    "PetitionLoginGuessed": Case({GUESSES: growing(3)}, {GUESSES: growing(1), FORMS: growing(90)}),
    "PetitionSwitchStillOn": Case({READ_ONLY: always(1)}, {READ_ONLY: "0x20 1x355"}, 370),
    "PetitionVersionsDiffer": Case(releases("2.0.0", "2.1.0"), releases("2.0.0", "2.0.0")),
    "PetitionMailRefused": Case(
        {one("petition_mail_server_refusing_seconds"): growing(60)},
        {one("petition_mail_server_refusing_seconds"): growing(14)},
    ),
    "PetitionMailsLate": Case(
        {one("petition_oldest_mail_seconds"): always(900), READ_ONLY: always(0), HIDE_NAMES: always(1)},
        {one("petition_oldest_mail_seconds"): always(840)},
    ),
    "PetitionMailsGivenUp": Case({GIVEN_UP: "3x40 4x40"}, {GIVEN_UP: always(3), RETRIED: growing(5)}),
    "PetitionMailsUndeliverable": Case(
        {UNDELIVERABLE: growing(2), SENT: growing(4)}, {UNDELIVERABLE: growing(2), SENT: growing(40)}
    ),
    "PetitionNoWorker": Case({WORKERS: always(0)}, {WORKERS: "1x57 0 1x100"}, 59),
    # Restarting makes more of them for two minutes.
    "PetitionFewerWorkers": Case({WORKERS: "2x200 1x100"}, {WORKERS: "2x200 4x2 2x100"}, 220),
    "PetitionTalliesUnfolded": Case(
        {one("petition_tallies_unfolded"): always(6000)}, {one("petition_tallies_unfolded"): always(4000)}
    ),
    "PetitionReleasesStopped": Case(
        {one("petition_release_look_overdue_seconds"): growing(60), READ_ONLY: always(0), CLOSED: always(1)},
        {one("petition_release_look_overdue_seconds"): always(30)},
    ),
    "PetitionAuditUnsealed": Case(
        {one("petition_audit_entries_unsealed"): always(200)}, {one("petition_audit_entries_unsealed"): always(5)}
    ),
    "PetitionBackupLate": Case({BACKUP: " ".join(["Inf"] * 100)}, {BACKUP: growing(60)}),
    "PetitionDiskFull": Case(
        {FREE: always(15 * GIB), SIZE: always(200 * GIB)}, {FREE: always(25 * GIB), SIZE: always(2000 * GIB)}
    ),
    "PetitionDiskFilling": Case({FREE: f"{400 * GIB}-{GIB // 2}x720"}, {FREE: f"{400 * GIB}-{GIB // 100}x720"}, 600),
    "PetitionDiskTooSmallToErase": Case(
        {FREE: always(5 * GIB), DATABASE: always(6 * GIB)},
        {FREE: always(7 * GIB), DATABASE: always(6 * GIB), one("petition_disk_free_bytes", place="site"): always(1)},
    ),
    "PetitionTrouble": Case(
        {one("petition_trouble", kind="proxies"): always(1)},
        {one("petition_trouble", kind="backup"): always(1), one("petition_trouble", kind="proxies"): always(0)},
    ),
}

# What a switch does on purpose raises no alarm of its own.
SWITCHED = [
    ("PetitionErrors", {ERRORS: growing(100), REQUESTS: growing(100), CLOSED: always(1)}),
    ("PetitionErrors", {ERRORS: growing(10), REQUESTS: growing(100), READ_ONLY: always(1)}),
    ("PetitionMailsLate", {one("petition_oldest_mail_seconds"): growing(60), READ_ONLY: always(1), CLOSED: always(0)}),
    ("PetitionMailsLate", {one("petition_oldest_mail_seconds"): growing(60), CLOSED: always(1)}),
    ("PetitionReleasesStopped", {one("petition_release_look_overdue_seconds"): growing(60), READ_ONLY: always(1)}),
    ("PetitionTrouble", {one("petition_trouble", kind="switch"): always(1)}),
]
