"""Which hand-overs a file is of, by its digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from signatures.models import Packing


@dataclass(frozen=True)
class Origin:
    """Files of a hand-over that a file in hand is one of.

    :param name: the file's name there
    """

    packing: Packing
    name: str

    @property
    def sentence(self) -> str:
        """Return what is to be known of it, as a sentence."""
        delivery = self.packing.delivery
        where = f"hand-over {delivery.pk} to {delivery.recipient.name_in('en')}"
        made = f"made on {self.packing.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        if self.packing.is_handed_over:
            return f"{where}: handed over on {delivery.handed_over_on}."
        if delivery.packing_id is not None:
            return f"{where}: {made}, not the one recorded as handed over."
        return f"{where}: {made}, never recorded as handed over."

    @property
    def never_left(self) -> bool:
        """Tell whether nothing of its hand-over was ever recorded as handed over."""
        return self.packing.delivery.packing_id is None


def origins_of(digest: str) -> list[Origin]:
    """Return what a file with this digest was made for, what was handed over first."""
    found = [Origin(file.packing, file.name) for file in Packing.objects.all().with_file(digest)]
    return sorted(found, key=lambda origin: (not origin.packing.is_handed_over, origin.never_left))
