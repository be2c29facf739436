"""Runs the whole site on one machine for a trial: embedded PostgreSQL, secrets, web server and worker."""
