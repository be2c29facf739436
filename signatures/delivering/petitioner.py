"""In whose name a petition is handed over, as the letter says it."""

from __future__ import annotations

from dataclasses import dataclass

from signatures.languages import text_in
from signatures.models import LeadPetitioner, Petition


@dataclass(frozen=True)
class Petitioner:
    """What a letter tells of the lead petitioner; what is not told is empty."""

    name: str = ""
    nationality: str = ""
    address: str = ""


def petitioner_in_letter(petition: Petition, language: str, *, is_told: bool) -> Petitioner:
    """Return what the letter of a hand-over says of the lead petitioner.

    :param language: of the letter
    :param is_told: whether the recipient is told of the lead petitioner at all
    """
    known = LeadPetitioner.objects.filter(petition=petition).first()
    if known is None or not is_told:
        return Petitioner()
    return Petitioner(known.name, text_in(known, "nationality", language), known.address)
