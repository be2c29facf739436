"""Finds programs that some tests need and that no Python package provides."""

from __future__ import annotations

import os
import shutil

import pytest

PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def require_program(*names: str) -> str:
    """Return the path of the first program that is installed, or skip the test and report what is missing.

    With ``CI_REQUIRE_ALL=1`` in the environment the test fails instead.
    """
    for name in names:
        if found := shutil.which(name, path=PLACES):
            return found
    reason = f"{' or '.join(names)} is not installed"
    if os.environ.get("CI_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
