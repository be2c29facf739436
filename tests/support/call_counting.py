"""Measures the cost of a call independently of the machine's speed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any


def lines_run(modules: tuple[ModuleType, ...], call: Callable[[], object]) -> int:
    """Return how many lines of the given modules a call executes."""
    files = {str(Path(module.__file__ or "").resolve()) for module in modules}
    found = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal found
        if frame.f_code.co_filename not in files:
            return None
        found += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return found
