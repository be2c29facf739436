"""Switches the reverse proxy's cache off for a moment: nothing that it kept before is shown after that."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from django.conf import settings

# What was kept just before is too old then: five seconds of s-maxage, one while it is renewed, two in the process.
KEPT_SECONDS = 8.0
logger = logging.getLogger(__name__)


def empty_web_cache() -> bool:
    """Have the proxy pass every request on until all that it keeps is too old, and return whether it was told.

    Nothing depends on it: what is kept there is served for some seconds at most.
    """
    try:
        return hold_web_cache()
    except OSError:
        logger.warning("The web server could not be told to forget its pages; they are over in a few seconds.")
        return False


def hold_web_cache() -> bool:
    """Have the proxy pass every request on to the site, from this instant until ``release_web_cache`` ends it.

    :returns: whether the settings name the file by which the proxy is told
    :raises OSError: if the file cannot be written
    """
    if not settings.WEB_CACHE_OFF_FILE:
        return False
    # Where it is there already, its time begins anew.
    Path(settings.WEB_CACHE_OFF_FILE).touch(mode=0o644)
    return True


def release_web_cache() -> bool:
    """Let the proxy keep pages again once all that it had kept is too old to be served; the worker calls this.

    :returns: whether it may keep pages now
    """
    if not settings.WEB_CACHE_OFF_FILE:
        return True
    file = Path(settings.WEB_CACHE_OFF_FILE)
    try:
        if 0 <= time.time() - file.stat().st_mtime < KEPT_SECONDS:
            return False
        file.unlink()
    except FileNotFoundError:
        pass
    except OSError:
        # Written by another account. Pages are right all the same, and take the site more work.
        return False
    return True
