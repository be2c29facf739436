"""Marked values, and every place where one may have been written down."""
