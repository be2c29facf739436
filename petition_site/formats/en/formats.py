"""Dates in English."""

# For text files. The formats for pages keep day and month on one line by a no-break space.
DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j\xa0F Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j\xa0F Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
TIME_FORMAT = "H:i"
