"""Backups, and restoring one without bringing back what was taken away since."""
