"""Dates as this site writes them, where no page says otherwise: the day first, as everywhere else on it."""
