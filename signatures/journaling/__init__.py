"""The erasure journal: what was taken away, in files beside the database, so that no restored backup brings it back."""

from __future__ import annotations

from signatures.journaling.outbox import copy_own, journals_itself, sweep

__all__ = ["copy_own", "journals_itself", "sweep"]
