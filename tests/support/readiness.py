"""Reads the readiness page as an operator."""

from __future__ import annotations

from django.test import Client
from pytest_django import Settings

TOKEN = "token-of-the-operator-of-tests"


def warnings_of(settings: Settings) -> str:
    """Return the warnings of the readiness page in one line."""
    settings.METRICS_TOKEN = TOKEN
    answer = Client().get("/-/ready", headers={"authorization": f"Bearer {TOKEN}"})
    return " ".join(answer.json()["warnings"])
