"""Simulates a botnet among an honest crowd: how many fakes are caught, and how many honest people are held.

Everybody confirms by the statement that confirms real signatures, and the worker's own job looks, once a minute, where
the real one does so four times. So that an evening need not be waited for, all that is stored grows older in between.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import django
from django.db import connection, transaction

from benchmarks import stage
from benchmarks.crowd import BOTNETS, Botnet, Crowd, Person

SEED = 20
BEFORE = 600
DAYS_BEFORE = 20
PEOPLE = 1500
MINUTES = 60
ATTACK = range(10, 40)
SHARES = (0.01, 0.3, 0.9)
LOOKS_A_MINUTE = 1


@dataclass(frozen=True)
class Result:
    """What came of an attack.

    :param held: fakes that were held when they confirmed
    :param in_waves: others that a wave of a mail domain or a name finds, for one decision each
    :param honest_held: honest people who were held when they confirmed
    :param honest_in_waves: other honest people whom such a wave finds
    :param waves: how many such waves there are to decide on
    """

    fakes: int
    held: int
    in_waves: int
    honest: int
    honest_held: int
    honest_in_waves: int
    waves: int

    @property
    def caught(self) -> float:
        """Return the share of fakes that were held, or stand in a wave."""
        return (self.held + self.in_waves) / self.fakes

    @property
    def wronged(self) -> float:
        """Return the share of honest people who were held."""
        return self.honest_held / self.honest


def simulate(
    petition_id: int, botnet: Botnet, share: float, *, people: int = PEOPLE, before: int = BEFORE, seed: int = SEED
) -> Result:
    """Let a petition's evening pass, and return what came of it.

    :param petition_id: of an open petition without signatures
    :param share: which part of all who come that evening the fakes are
    """
    from signatures.moderating.waves import WaveWatch  # noqa: PLC0415 - not before django.setup

    crowd, watch = Crowd(seed), WaveWatch()
    everybody = [crowd.honest(before=True) for _ in range(before)]
    confirm(petition_id, everybody)
    grow_older(f"(1 + id % {DAYS_BEFORE}) * interval '1 day'")
    watch.look()
    fakes = round(people * share / (1 - share))
    for due in crowd.arrivals(people, MINUTES, botnet, fakes, ATTACK):
        everybody += due
        for part in range(LOOKS_A_MINUTE):
            confirm(petition_id, due[part::LOOKS_A_MINUTE])
            watch.look()
            grow_older(f"interval '{60 // LOOKS_A_MINUTE} seconds'")
    return _result(petition_id, everybody[before:])


def confirm(petition_id: int, people: Sequence[Person]) -> None:
    """Store an attempt of each, and confirm it, as the forms do."""
    from signatures.models import Attempt, Petition  # noqa: PLC0415
    from signatures.safeguarding import keys  # noqa: PLC0415
    from signatures.signing.confirming import Confirmation, store_confirmation  # noqa: PLC0415

    version = Petition.objects.get(pk=petition_id).text_versions.order_by("-number")[0].pk
    common = {"petition_id": petition_id, "visibility": "DELIVERED", "language": "en", "text_version_id": version}
    for start in range(0, len(people), 500):
        with transaction.atomic():
            attempts = Attempt.objects.bulk_create(
                Attempt(
                    name_encrypted=b"the name as it is encrypted",
                    code_hash=hashlib.sha256(person.address.encode()).digest(),
                    country=person.country,
                    email_keys=keys.email_keys(petition_id, person.address),
                    **common,
                )
                for person in people[start : start + 500]
            )
            for person, attempt in zip(people[start : start + 500], attempts, strict=True):
                email_keys = keys.email_keys(petition_id, person.address)
                domain_keys = keys.domain_keys(petition_id, person.address)
                store_confirmation(
                    Confirmation(
                        attempt_id=attempt.pk,
                        email_keys=email_keys,
                        email_key=keys.written_key(email_keys),
                        domain_key=keys.written_key(domain_keys) if domain_keys else None,
                        domain_keys=domain_keys,
                        name_keys=keys.name_keys(petition_id, person.name),
                        name_review="OK",
                        name=person.name,
                        city=None,
                        country=person.country,
                        reason=None,
                        press_hash=None,
                        petition_id=petition_id,
                        visibility="DELIVERED",
                        language="en",
                        text_version_id=version,
                    )
                )


@contextmanager
def without_triggers() -> Iterator[None]:
    """Let times be moved without noting that for the next release."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE signatures_signature DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE signatures_signature ENABLE TRIGGER USER")


def grow_older(span: str) -> None:
    """Move all that is stored into the past, by a span of SQL."""
    columns = ("first_confirmed_at", "current_since", "last_confirmed_at")
    with without_triggers(), connection.cursor() as cursor:
        moved = ", ".join(f"{column} = {column} - {span}" for column in columns)
        cursor.execute(f"UPDATE signatures_signature SET {moved}")  # noqa: S608 - constants of ours
        cursor.execute(f"UPDATE signatures_wave SET since = since - {span}, last_at = last_at - {span}")  # noqa: S608
        cursor.execute(f"UPDATE signatures_standinghold SET ends_at = ends_at - {span}")  # noqa: S608


def _result(petition_id: int, people: Iterable[Person]) -> Result:
    from signatures.models import Signature, Wave  # noqa: PLC0415
    from signatures.models.wave import NARROW  # noqa: PLC0415
    from signatures.safeguarding import keys  # noqa: PLC0415

    stored = Signature.objects.filter(petition=petition_id)
    held = {bytes(key or b"") for key in stored.filter(state="HELD").values_list("email_key", flat=True)}
    waves = list(Wave.objects.filter(petition=petition_id, kind__in=NARROW))
    found = {
        bytes(key or b"") for wave in waves for key in stored.all().matching(wave).values_list("email_key", flat=True)
    }
    by_key = {keys.email_keys(petition_id, person.address)[0]: person.is_fake for person in people}
    fakes, honest = ({key for key, is_fake in by_key.items() if is_fake is kind} for kind in (True, False))
    return Result(
        len(fakes),
        len(fakes & held),
        len(fakes & found - held),
        len(honest),
        len(honest & held),
        len(honest & found - held),
        len(waves),
    )


def main() -> None:
    """Simulate each botnet in each strength, one after the other, or those that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.botnet", description=__doc__)
    parser.add_argument("--botnet", type=int, choices=range(len(BOTNETS)), help="simulate this one alone")
    options = parser.parse_args()
    botnets = BOTNETS if options.botnet is None else BOTNETS[options.botnet :][:1]
    with stage.database():
        django.setup()
        run(botnets)


def run(botnets: Sequence[Botnet]) -> None:
    """Print a line for each evening."""
    from django.core.management import call_command  # noqa: PLC0415 - not before django.setup

    from signatures.models import Petition  # noqa: PLC0415
    from signatures.texts.first_petition import load_first_petition  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    load_first_petition()
    petition = Petition.objects.get()
    print("| fakes | of all | held at once | in waves | caught | waves | honest held | honest in waves |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for botnet in botnets:
        for share in SHARES:
            empty()
            one = simulate(petition.pk, botnet, share)
            figures = (f"{one.held / one.fakes:.1%}", f"{one.in_waves / one.fakes:.1%}", f"{one.caught:.1%}", one.waves)
            honest = (f"{one.wronged:.2%}", f"{one.honest_in_waves / one.honest:.2%}")
            print("|", " | ".join(map(str, (botnet.title, f"{share:.0%}", *figures, *honest))), "|", flush=True)


def empty() -> None:
    """Delete what the last evening has left."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('signatures.erasing', 'on', true), set_config('signatures.folding', 'on', true)"
        )
        for table in ("wave", "standinghold", "attempt", "movement", "hourtally", "signature"):
            cursor.execute(f"DELETE FROM signatures_{table}")  # noqa: S608 - constants of ours


if __name__ == "__main__":
    main()
