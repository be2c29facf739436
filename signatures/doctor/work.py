"""What goes on by itself: workers, the count, the audit log, erasing, backups."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from signatures.auditing.chain import links
from signatures.auditing.checking import Findings, walk
from signatures.counting.reconciling import check_sums
from signatures.doctor.findings import Finding, Options, fine, rows, warn, wrong
from signatures.models import AuditSeal, Petition, WorkerBeat
from signatures.models.clock import lately
from signatures.operating.places import BACKUP_LATE_SECONDS, LAST_GOOD, backup_age, is_last_backup_whole
from signatures.publishing.health import NO_WORKER, WORKER_SILENT_AFTER
from signatures.safeguarding.rewrite_warnings import rewrite_warnings

UNFOLDED_MAX = 100_000
WAITING = "SELECT count(*) FROM (SELECT FROM signatures_tally WHERE NOT is_summed LIMIT %s) AS waiting"
HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS
LOST_SECONDS = 3 * DAY_SECONDS


def check_workers(options: Options) -> Iterator[Finding]:
    """Check that workers work, and that nothing piles up."""
    amount = WorkerBeat.objects.filter(lately("beat_at", WORKER_SILENT_AFTER)).count()
    if amount == 0:
        yield wrong(
            NO_WORKER,
            "Start one: systemctl start petition-worker@1, or `manage.py work`.",
        )
    elif amount == 1:
        yield warn(
            "One worker is at work: nobody is sent a mail while it rewrites tables or waits for a slow mail server.",
            "Start a second one: systemctl enable --now petition-worker@2.",
        )
    else:
        yield fine(f"{amount} workers are at work.")
    for sentence in rewrite_warnings():
        yield wrong(sentence, "docs/operations.md says under “What was erased” what may be in the way.")


def check_count(options: Options) -> Iterator[Finding]:
    """Check that the tally is folded, and that the sums that pages read are those of its rows."""
    [(waiting,)] = rows(WAITING, [UNFOLDED_MAX])
    found = [
        wrong(
            f"The sums of the petition {petition.slug} are not those of its tally: its page shows a wrong count.",
            f"`manage.py check_tally {petition.slug} --repair`; then find out what wrote to the tables.",
        )
        for petition in Petition.objects.order_by("slug")
        if check_sums(petition=petition, repair=False)
    ]
    if waiting >= UNFOLDED_MAX:
        found.append(
            wrong("Very many rows of the tally wait to be added up: pages show an old count.", "Start a worker.")
        )
    yield from found or [
        fine("The count is that of the tally; `manage.py check_tally` compares it with every signature.")
    ]


def check_audit_log(options: Options) -> Iterator[Finding]:
    """Walk along the chain of the audit log, without sealing anything."""
    newest = AuditSeal.objects.all().head()
    findings = Findings()
    walk(links(until=newest.number if newest else 0), findings)
    if findings.is_whole:
        yield fine(f"The chain of the audit log is whole: {findings.entries} entries.")
    else:
        yield wrong(
            "The audit log was changed by something other than the site.",
            "`manage.py check_audit` says where; keep a copy of the database, and find out who had the owner's role.",
        )


def check_backups(options: Options) -> Iterator[Finding]:
    """Check the age of the newest good backup, and that none is older than the privacy page promises."""
    folder, age = settings.BACKUP_FOLDER, backup_age()
    if folder is None or age is None:
        yield warn(
            "BACKUP_FOLDER is not set: nobody sees whether there are backups.",
            "Set up nightly backups; docs/operations.md says how under “Backups”.",
        )
        return
    if math.isinf(age):
        yield wrong("No backup has ever been made, or none was good.", "Run `manage.py backup`, and look at its timer.")
        return
    hours = int(age // HOUR_SECONDS)
    mend = "Look at what the timer says: systemctl status petition-backup.service."
    if age > LOST_SECONDS:
        yield wrong(f"The last good backup is {hours} hours old.", mend)
    elif age > BACKUP_LATE_SECONDS:
        yield warn(f"The last good backup is {hours} hours old.", mend)
    else:
        yield fine(f"The last good backup is {hours} hours old.")
    folder = Path(folder)
    if not is_last_backup_whole(folder):
        yield wrong(
            "The last good backup is gone from BACKUP_FOLDER, or not as large as it was.", "Make one, and find out why."
        )
    limit = time.time() - (settings.BACKUP_DAYS + 1) * DAY_SECONDS
    kept = (path for path in folder.iterdir() if path.is_file() and path.name != LAST_GOOD)
    old = [path for path in kept if path.stat().st_mtime < limit]
    if old:
        yield wrong(
            f"{len(old)} files in BACKUP_FOLDER are older than the {settings.BACKUP_DAYS} days that the privacy page"
            " promises: what was erased is still in them.",
            "Delete them, and look at what should have.",
        )
    if folder.stat().st_mode & 0o007:
        yield warn("Everybody on this machine may look into BACKUP_FOLDER.", "chmod 0750 the folder.")
