"""Dates in English."""

# As text files have it. On pages the day and its month stay in one line.
DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j\xa0F Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j\xa0F Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
TIME_FORMAT = "H:i"
