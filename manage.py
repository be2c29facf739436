"""Runs Django's management commands and turns a wrong configuration into one readable message."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from petition_site import make_secrets
from petition_site.core_dumps import forbid_core_dumps

# Run by a mail server, which takes any other failure for a refusal and throws the message away (sysexits.h).
TRIED_AGAIN = {"count_bounce"}


def main() -> None:
    """Run the command named on the command line."""
    forbid_core_dumps()
    if sys.argv[1:2] == ["make_secrets"]:
        # It makes the settings that every other command needs.
        sys.exit(make_secrets.main(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petition_site.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(os.EX_TEMPFAIL if TRIED_AGAIN.intersection(sys.argv[1:2]) else 1)


if __name__ == "__main__":
    main()
