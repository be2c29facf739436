"""Measures the site against references in the same run."""
