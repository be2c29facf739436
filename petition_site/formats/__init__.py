"""Default formats of dates for this site, with the day first in every language."""
