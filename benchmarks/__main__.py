"""Runs the benchmarks and prints each figure as a ratio to its reference, beside its budget."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import django

from benchmarks import client, stage

if TYPE_CHECKING:
    import psutil

    from benchmarks.exporting import Desk
    from signatures.models import Petition, Recipient

ROUNDS = 3
FEW = 10_000
NAMES_IN_ONE_DOCUMENT = 10_000
NAMES_IN_VOLUMES = 100_000
MEBIBYTE = 1024 * 1024


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--pages", type=int, default=20_000, help="GET requests in each round")
    parser.add_argument("--forms", type=int, default=3_000, help="POST requests in each round")
    parser.add_argument("--signatures", type=int, default=100_000, help="signatures while pages are measured")
    parser.add_argument("--rows", type=int, default=1_000_000, help="signatures that are exported")
    parser.add_argument("--only", choices=["web", "growth", "export", "costs"], help="measure this part alone")
    options = parser.parse_args()
    with stage.database() as url:
        django.setup()
        run(options, url)


def run(options: argparse.Namespace, url: str) -> None:
    """Measure pages and forms, what grows with the list, and the files of a hand-over."""
    from django.core.management import call_command  # noqa: PLC0415 - not before django.setup
    from django.db import connection  # noqa: PLC0415

    from benchmarks.data import prepare_petition  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_reference (id bigserial PRIMARY KEY, value text)")
    petition, recipient = prepare_petition()
    parts = {options.only} if options.only else {"costs", "web", "growth", "export"}
    if parts - {"costs"}:
        measure_campaign(options, petition, recipient, url, parts)
    if "costs" in parts:
        measure_costs(petition)


def measure_campaign(
    options: argparse.Namespace, petition: Petition, recipient: Recipient, url: str, parts: set[str]
) -> None:
    """Measure the pages, forms and files of one campaign while it grows."""
    from benchmarks.data import grow_to  # noqa: PLC0415
    from benchmarks.growing import seconds_per_page  # noqa: PLC0415

    page = f"/en/petitions/{petition.slug}/"
    few: Mapping[str, float] = {}
    with desk() as (organiser, server):
        if "growth" in parts:
            grow_to(petition, FEW)
            few = seconds_per_page(organiser, petition, page)
        grow_to(petition, options.signatures)
        if "export" in parts:
            for names in (NAMES_IN_ONE_DOCUMENT, NAMES_IN_VOLUMES):
                measure_document(organiser, server, recipient, min(names, options.signatures))
    if "web" in parts:
        measure_web(options, petition)
    if parts & {"growth", "export"}:
        grow_to(petition, options.rows)
    with desk() as (organiser, server):
        if "growth" in parts:
            for name, seconds in seconds_per_page(organiser, petition, page).items():
                figures = f"<= 2 ({seconds * 1000:.0f} ms at {options.rows:,}, {few[name] * 1000:.0f} ms at {FEW:,})"
                report(name, seconds / few[name], figures)
        if "export" in parts:
            measure_export(organiser, server, recipient, url)


def measure_web(options: argparse.Namespace, petition: Petition) -> None:
    """Measure GET petition page, POST sign and POST confirm against the references, in turns, under one gunicorn."""
    from benchmarks.data import make_attempts  # noqa: PLC0415

    page = f"/en/petitions/{petition.slug}/"
    fields = "visibility=PUBLIC&name=Anna+Petrova&country=PL&consent=on&version=1&favourite_bird=&email="
    with (
        stage.gunicorn("benchmarks.reference:application") as (reference, _),
        stage.gunicorn("petition_site.wsgi:application") as (site, _),
    ):
        for number in range(1, ROUNDS + 1):
            tag = f"round{number}"
            hello, shown = client.compare(
                client.Sample(reference, lambda _: client.get("/hello"), options.pages, 200),
                client.Sample(site, lambda _: client.get(page, compressed=True), options.pages, 200),
            )
            report("GET petition page", shown / hello, f">= 0.5 ({shown:,.0f}/s to {hello:,.0f}/s)")
            inserts = client.Sample(reference, form_maker("/insert", f"email={tag}-"), options.forms, 200)
            signing = client.Sample(site, form_maker(page, f"{fields}{tag}-"), options.forms, 303)
            insert, signed = client.compare(inserts, signing)
            report("POST sign", signed / insert, f">= 0.4 ({signed:,.0f}/s to {insert:,.0f}/s)")
            codes = make_attempts(petition, f"confirm-{tag}", options.forms)
            insert, confirmed = client.compare(
                inserts, client.Sample(site, confirmation_maker(codes), options.forms, 303)
            )
            report("POST confirm", confirmed / insert, f">= 0.4 ({confirmed:,.0f}/s to {insert:,.0f}/s)")


def measure_costs(petition: Petition) -> None:
    """Measure what pages that no cache answers, forms and mails cost, and whether that grows with what there is."""
    from benchmarks.costs import costs  # noqa: PLC0415

    for cost in costs(petition):
        report(cost.name, cost.ratio, f"{cost.budget} ({cost.milliseconds:.2f} ms, {cost.statements} statements)")


def form_maker(path: str, start: str) -> client.RequestMaker:
    """Return a maker of forms that each end with an address of their own."""
    return lambda n: client.post(path, f"{start}{n}@example.org", n)


def confirmation_maker(codes: list[str]) -> client.RequestMaker:
    """Return a maker of requests that each confirm an attempt."""
    return lambda n: client.post(f"/en/confirm/{codes[n]}/", "visibility=PUBLIC", n)


@contextlib.contextmanager
def desk() -> Iterator[tuple[Desk, psutil.Process]]:
    """Yield an organiser who is logged in, and the server."""
    from benchmarks.exporting import Desk  # noqa: PLC0415
    from signatures.models import Organiser  # noqa: PLC0415

    if not Organiser.objects.filter(username="benchmark").exists():
        # Gone with its database.
        Organiser.objects.create_superuser("benchmark", password="benchmark-password")  # noqa: S106
    with stage.gunicorn("petition_site.wsgi:application") as (port, server):
        yield Desk(port, "benchmark", "benchmark-password"), server


def measure_export(organiser: Desk, server: psutil.Process, recipient: Recipient, url: str) -> None:
    """Measure the list alone, and a hand-over without PDF and XLSX, against psql."""
    from benchmarks.data import prepare_delivery_of  # noqa: PLC0415
    from benchmarks.exporting import export_by_psql, export_over_http, package_over_http  # noqa: PLC0415

    delivery = prepare_delivery_of(recipient, with_document=False)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            copied = export_by_psql(recipient, url, Path(folder) / "reference.csv")
            export = export_over_http(organiser, recipient, server)
            report("CSV export", export.seconds / copied, f"<= 1.5 ({export.seconds:.2f} s to {copied:.2f} s)")
            report("first byte of the whole", export.first_byte / export.seconds, "<= 0.1")
            report("worker growth, MiB", export.growth / MEBIBYTE, f"<= 32 ({export.size / MEBIBYTE:.0f} MiB file)")
            package = package_over_http(organiser, delivery, server)
            report("ZIP without PDF and XLSX", package.seconds / copied, f"<= 3 ({package.seconds:.2f} s)")
            report("worker growth, MiB", package.growth / MEBIBYTE, f"<= 32 ({package.size / MEBIBYTE:.0f} MiB file)")


def measure_document(organiser: Desk, server: psutil.Process, recipient: Recipient, names: int) -> None:
    """Measure the memory that a letter with so many names takes."""
    from benchmarks.data import first_names, prepare_delivery_of  # noqa: PLC0415
    from benchmarks.exporting import package_over_http  # noqa: PLC0415

    with first_names(recipient.petition, names):
        delivery = prepare_delivery_of(recipient, with_document=True)
        made = package_over_http(organiser, delivery, server)
    figures = f"<= 300 ({names:,} names, {made.seconds:.1f} s, {made.size / MEBIBYTE:.1f} MiB in the ZIP)"
    report("PDF, largest process, MiB", max(made.growth, made.child) / MEBIBYTE, figures)


def report(name: str, figure: float, budget: str) -> None:
    """Print one line."""
    print(f"{name:28} {figure:8.3f}   budget {budget}", flush=True)


if __name__ == "__main__":
    main()
