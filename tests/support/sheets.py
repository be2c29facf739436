"""Makes sheets and slips at the desk, and types them."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.collecting.actions import make_bundle
from signatures.models import Batch, Bundle, Petition, Sheet, Signature
from tests.support import factories
from tests.support.page_reading import field_value, read
from tests.support.rules import path_of, work

# Choice, name and country of a row, as they are typed.
Typed = tuple[str, str, str]
ROWS: list[Typed] = [
    ("PUBLIC", "Алесь Пушкін", "Беларусь"),
    ("DELIVERED", "Ala Sakałoŭskaja", ""),
    ("COUNTED", "", "PL"),
]


def paper_path(petition: Petition) -> str:
    """Return the path of the page of a petition's paper."""
    return reverse("admin:petition_paper", args=[petition.pk])


def bundle_path(bundle: Bundle) -> str:
    """Return the path of a bundle's page."""
    return reverse("admin:petition_bundle", args=[bundle.petition_id, bundle.pk])


def file_path(bundle: Bundle) -> str:
    """Return the path of the file that is printed."""
    return reverse("admin:petition_bundle_file", args=[bundle.petition_id, bundle.pk])


def sheet_path(sheet: Sheet) -> str:
    """Return the path of a sheet's page."""
    return reverse("admin:petition_sheet", args=[sheet.petition_id, sheet.number])


def bundle_form(**values: str) -> dict[str, str]:
    """Return the form for new sheets, filled in."""
    return {"label": "Market square", "kind": "sheets", "language": "en", "amount": "3", "lines": "12", **values}


def make_sheets(petition: Petition, *, amount: int = 1, lines: int = 12, two_people: bool = False) -> list[Sheet]:
    """Make sheets with the newest text of a petition, and return them."""
    bundle = make_bundle(
        version=factories.newest_version(petition),
        language="en",
        label="Market square",
        amount=amount,
        lines=lines,
        two_people=two_people,
        actor=factories.make_organiser("Organisers"),
    )
    return list(bundle.sheets.order_by("pk"))


def sheet_form(rows: list[Typed], **values: str) -> dict[str, str]:
    """Return the form of a sheet with its first rows filled in."""
    form = {"action": "type", "filled": str(len(rows)), **values}
    for line, (choice, name, country) in enumerate(rows, start=1):
        form |= {f"{line}-visibility": choice, f"{line}-name": name, f"{line}-country": country}
    return form


def type_sheet(client: Client, sheet: Sheet, rows: list[Typed], **values: str) -> HttpResponse:
    """Send the form of a sheet, and return the answer."""
    return cast("HttpResponse", client.post(sheet_path(sheet), sheet_form(rows, **values)))


def press(client: Client, sheet: Sheet, action: str, **values: str) -> HttpResponse:
    """Send another form of a sheet's page, and return the page that follows."""
    return cast("HttpResponse", client.post(sheet_path(sheet), {"action": action, **values}, follow=True))


def settle(client: Client, sheet: Sheet, **chosen: str) -> HttpResponse:
    """Open the page of a sheet that two people read differently, choose, and return the page that follows."""
    seen = field_value(read(client, sheet_path(sheet)), "seen") or ""
    return press(client, sheet, "settle", seen=seen, **chosen)


def count_only(
    client: Client, sheet: Sheet, amount: int, country: str = "PL", place: str = "the green box"
) -> HttpResponse:
    """Enter a bare number, and return the page that follows."""
    form = {"bare-amount": str(amount), "bare-country": country, "bare-place": place}
    return press(client, sheet, "count", **form)


def entered(sheet: Sheet) -> list[Signature]:
    """Return the signatures of a sheet, in the order of its rows."""
    rows = sheet.rows.order_by("line").values_list("signature_id", flat=True)
    return [Signature.objects.get(pk=pk) for pk in rows]


def take_out(client: Client, path: str) -> Batch:
    """Make the rule that takes signatures out of the count, decide to remove them, and let the worker do so."""
    answer = client.post(path, {"action": "undo"})
    batch = Batch.objects.latest("pk")
    assert answer.headers["Location"] == path_of(batch)
    client.post(path_of(batch), {"do": "start", "action": "REMOVE", "reason": "DUPLICATE"})
    work()
    return batch


def erase(client: Client, signature: Signature) -> None:
    """Erase a signature by the form of its page, as for a signer who has written."""
    path = reverse("admin:signature_erase", args=[signature.pk])
    seen = {name: field_value(read(client, path), name) or "" for name in ("last_confirmed_at", "visibility")}
    client.post(path, {**seen, "reason": "NO_ADDRESS", "is_certain": "on"})
    assert not Signature.objects.filter(pk=signature.pk).exists()
