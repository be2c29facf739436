"""Notices waves of signatures by itself, and holds what goes on coming from one mail domain or under one name."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import ngettext

from signatures import auditing
from signatures.mailing.alerting import alert_wave
from signatures.models import Petition, Signature, TextVersion, Wave
from signatures.models.choices import AuditAction, WaveKind
from signatures.moderating.holds import HOLD_LIFETIME, extend_hold, start_hold
from signatures.moderating.standing_out import (
    DRIP_MIN,
    DRIP_SHARE,
    Finding,
    Row,
    Trait,
    find,
    frequent_domains,
)
from signatures.moderating.wave_samples import (
    confirmed_by_hour,
    newest_signatures,
    sample_of,
    span_of_domain,
)
from signatures.safeguarding import keys

WAVE_LOCK = 7_301_003
# A flooder with many domains must not bury what matters, nor fill the audit log.
NEW_AT_ONCE_MAX = 50
SAMPLE_SHOWN = 20
# Of so many signatures the most frequent spelling of a name is found.
SPELLINGS_READ = 200
DRIP_SECONDS = 60 * 60.0
DRIP_DOMAINS = 20
DRIP_DAYS = timedelta(days=2)
MONTH = timedelta(days=30)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
# An hour is told if it has three times the people of any hour of the week before, and ten times those of an average
# one; without a day to compare with, none is.
HOUR_MIN = 100
HOUR_PEAKS = 3
HOUR_MEANS = 10
HOURS_KNOWN_MIN = 24


class WaveWatch:
    """Looks at the petitions with new signatures; remembers up to which one, so that a quiet site costs nothing."""

    def __init__(self) -> None:
        """Begin without having looked at anything."""
        self.seen: dict[int, int] = {}
        self.drips_due: dict[int, float] = {}

    def look(self) -> int:
        """Look for waves where something new was confirmed, and return how many new ones were found."""
        found = 0
        for petition_id, newest in newest_signatures().items():
            if self.seen.get(petition_id) == newest:
                continue
            is_drip_due = time.monotonic() >= self.drips_due.get(petition_id, 0.0)
            waves = look_for_waves(petition_id, with_drips=is_drip_due)
            if waves is None:
                continue
            found += waves
            self.seen[petition_id] = newest
            if is_drip_due:
                self.drips_due[petition_id] = time.monotonic() + DRIP_SECONDS
        return found


def waiting_waves(petitions: Iterable[Petition]) -> dict[int, str]:
    """Return what to do about waves that nobody has looked at, as a sentence by petition; none is no entry."""
    return {
        pk: ngettext(
            "%(n)s wave of signatures waits to be looked at.", "%(n)s waves of signatures wait to be looked at.", amount
        )
        % {"n": amount}
        for pk, amount in Wave.objects.all().waiting_by_petition(petitions).items()
    }


def erase_old_waves() -> int:
    """Erase waves whose newest signature has lost its domain mark to age, or whose name is gone; return how many."""
    old, _ = Wave.objects.all().old().delete()
    of_nobody, _ = Wave.objects.all().of_nobody().delete()
    return old + of_nobody


def look_for_waves(petition_id: int, *, with_drips: bool = True) -> int | None:
    """Store what stands out among the newest signatures of a petition, in one transaction.

    What is known is brought up to date; a new wave is recorded in the audit log, and may start a standing hold.

    :returns: how many new waves were found, or None if another worker is looking
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s::int), now()", [WAVE_LOCK, petition_id])
            is_free, now = cursor.fetchone()
        petition = Petition.objects.filter(pk=petition_id, purged_at__isnull=True).first()
        if not is_free or petition is None:
            return None
        rows = sample_of(petition, now)
        findings = find(rows, now)
        known = _Known(petition)
        for old in known.by_value.values():
            _go_on(old, rows)
        if with_drips:
            findings += _drips(petition, rows, now, known)
        findings += _hours(petition, now)
        new = 0
        for finding in findings:
            wave = known.of(finding)
            if wave is None and new < NEW_AT_ONCE_MAX:
                wave = _store(petition, finding, rows)
                known.add(wave)
                new += 1
            if wave is not None:
                _hold(wave, finding, now)
        return new


class _Known:
    """The waves of a petition that are stored already, locked."""

    def __init__(self, petition: Petition) -> None:
        self.petition = petition
        self.by_value: dict[tuple[WaveKind, Trait], Wave] = {}
        self.by_name: dict[bytes, Wave] = {}
        waves = Wave.objects.select_for_update(of=("self",)).select_related("hold")
        for wave in waves.filter(petition=petition):
            self.add(wave)

    def add(self, wave: Wave) -> None:
        """Know a wave from now on."""
        self.by_value[WaveKind(wave.kind), value_of(wave)] = wave
        if wave.name_key is not None:
            self.by_name[bytes(wave.name_key)] = wave

    def of(self, finding: Finding) -> Wave | None:
        """Return the wave of what stands out, or None if it is new."""
        wave: Wave | None = self.by_value.get((finding.kind, finding.value))
        if wave is None and finding.kind == WaveKind.NAME:
            # Two spellings may be one to the key.
            wave = self.by_name.get(_name_key(self.petition, finding))
        return wave


def value_of(wave: Wave) -> Trait:
    """Return what the signatures of a wave have in common."""
    values: dict[str, Trait | None] = {
        WaveKind.DOMAIN: bytes(wave.domain_key) if wave.domain_key is not None else None,
        WaveKind.NAME: wave.name,
        WaveKind.TRAP: wave.state_reason,
        WaveKind.COUNTRY: wave.country,
        WaveKind.LANGUAGE: wave.language,
        WaveKind.VERSION: wave.text_version_id,
        WaveKind.HOUR: wave.since.isoformat() if wave.since else None,
    }
    value = values[wave.kind]
    if value is None:
        raise ValueError(wave.pk)
    return value


def _go_on(wave: Wave, rows: list[Row]) -> None:
    """Add what has come since to a wave."""
    kind, value = WaveKind(wave.kind), value_of(wave)
    more = [row for row in rows if row.pk > wave.newest_id and row.traits.get(kind) == value]
    if not more:
        return
    wave.amount += len(more)
    wave.newest_id = more[0].pk
    wave.last_at = max(wave.last_at, *(row.at for row in more))
    wave.sample_ids = [*(row.pk for row in more), *wave.sample_ids][:SAMPLE_SHOWN]
    wave.save(update_fields=["amount", "newest_id", "last_at", "sample_ids"])
    if not wave.is_fine:
        alert_wave(wave.petition, amount=wave.amount)


def _store(petition: Petition, finding: Finding, rows: list[Row]) -> Wave:
    wave = Wave(
        petition=petition,
        kind=finding.kind,
        amount=finding.amount,
        expected=round(finding.expected),
        since=finding.since,
        last_at=finding.last_at,
        newest_id=rows[0].pk if rows else 0,
        sample_ids=finding.pks[:SAMPLE_SHOWN],
    )
    match finding.kind:
        case WaveKind.DOMAIN:
            wave.domain_key = finding.value
        case WaveKind.NAME:
            wave.name, wave.name_key = str(finding.value), _name_key(petition, finding)
        case WaveKind.TRAP:
            wave.state_reason = str(finding.value)
        case WaveKind.COUNTRY:
            wave.country = str(finding.value)
        case WaveKind.LANGUAGE:
            wave.language = str(finding.value)
        case WaveKind.VERSION:
            wave.text_version = TextVersion.objects.get(pk=int(finding.value))
        case WaveKind.HOUR:
            wave.until = finding.since + HOUR
    wave.save(force_insert=True)
    auditing.record(
        actor=None,
        action=AuditAction.WAVE_FOUND,
        petition=petition,
        target=wave.pk,
        amount=wave.amount,
        details={"kind": wave.kind, "expected": wave.expected},
    )
    alert_wave(petition, amount=wave.amount)
    return wave


def _hold(wave: Wave, finding: Finding, now: datetime) -> None:
    """Hold new ones from now on if they are too many, or go on holding them as long as they stand out."""
    if wave.is_fine or not wave.may_hold:
        return
    if wave.hold is not None and wave.hold.ends_at > now:
        extend_hold(hold=wave.hold, now=now)
    elif finding.is_held and wave.is_narrow:
        name_key = bytes(wave.name_key) if wave.name_key is not None else None
        wave.hold = start_hold(group=wave, name_key=name_key, lifetime=HOLD_LIFETIME, actor=None)
        wave.save(update_fields=["hold"])


def _name_key(petition: Petition, finding: Finding) -> bytes:
    """Return the key of the most frequent spelling of a name."""
    names = Signature.objects.filter(pk__in=finding.pks[:SPELLINGS_READ], name__isnull=False)
    frequent = Counter(names.values_list("name", flat=True)).most_common(1)
    return keys.name_keys(petition.pk, frequent[0][0] or "" if frequent else str(finding.value))[0]


def _drips(petition: Petition, rows: list[Row], now: datetime, known: _Known) -> list[Finding]:
    """Return the mail domains that much comes from over thirty days, without a burst."""
    of_month = max(sum(amount for _, amount in confirmed_by_hour(petition, MONTH)), len(rows))
    frequent = frequent_domains(rows, DRIP_DOMAINS)
    domains = len({row.traits.get(WaveKind.DOMAIN) for row in rows}) or 1
    found = []
    for mark, same in frequent:
        if (WaveKind.DOMAIN, mark) in known.by_value:
            continue
        amount, first, last = span_of_domain(petition, mark)
        is_burst = last - first < DRIP_DAYS or sum(row.at > now - DRIP_DAYS / 2 for row in same) > amount / 2
        if amount >= max(DRIP_MIN, DRIP_SHARE * of_month) and not is_burst:
            pks = [row.pk for row in same]
            # Its own past is as it is: the average domain says what is usual.
            found.append(Finding(WaveKind.DOMAIN, mark, amount, of_month / domains, first, last, pks))
    return found


def _hours(petition: Petition, now: datetime) -> list[Finding]:
    """Return this hour and the one before if far more people confirmed in it than in those of the last week."""
    hours = dict(confirmed_by_hour(petition, WEEK + HOUR))
    found = []
    for hour, amount in hours.items():
        before = {at: number for at, number in hours.items() if at < hour}
        if hour <= now - 2 * HOUR or amount < HOUR_MIN or not before:
            continue
        known = (hour - min(before)) / HOUR
        mean = sum(before.values()) / known
        if known >= HOURS_KNOWN_MIN and amount >= max(HOUR_MEANS * mean, HOUR_PEAKS * max(before.values())):
            last_at = min(now, hour + HOUR)
            found.append(Finding(WaveKind.HOUR, hour.isoformat(), amount, mean, hour, last_at, []))
    return found
