"""In whose name a petition is handed over, as the letter says it."""

from __future__ import annotations

from dataclasses import dataclass

from signatures.models import LeadPetitioner, Petition


@dataclass(frozen=True)
class Petitioner:
    """What a letter tells of the lead petitioner; what is not told is empty."""

    name: str = ""
    nationality: str = ""
    address: str = ""


def petitioner_in_letter(petition: Petition, language: str, *, in_full: bool) -> Petitioner:
    """Return what the letter of a hand-over says of the lead petitioner.

    :param language: of the letter
    :param in_full: with nationality and address
    """
    known = LeadPetitioner.objects.filter(petition=petition).first()
    if known is None:
        return Petitioner()
    if not in_full:
        return Petitioner(known.name)
    return Petitioner(known.name, getattr(known, f"nationality_{language}") or "", known.address)
