"""Dates in Russian."""

# For text files. The formats for pages keep day and month on one line by a no-break space.
DATE_FORMAT = "j E Y"
SHORT_DATE_FORMAT = "j\xa0E Y"
DATETIME_FORMAT = "j\xa0E Y года, H:i"
SHORT_DATETIME_FORMAT = "j\xa0E Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j E"
TIME_FORMAT = "H:i"
