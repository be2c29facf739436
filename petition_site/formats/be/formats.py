"""Dates and numbers in Belarusian, for which Django has no formats."""

# For text files. The formats for pages keep day and month on one line by a no-break space.
DATE_FORMAT = "j E Y"
SHORT_DATE_FORMAT = "j\xa0E Y"
DATETIME_FORMAT = "j\xa0E Y года, H:i"
SHORT_DATETIME_FORMAT = "j\xa0E Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j E"
TIME_FORMAT = "H:i"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%d.%m.%Y", "%d.%m.%y"]
DATETIME_INPUT_FORMATS = ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M"]
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\xa0"
NUMBER_GROUPING = 3
