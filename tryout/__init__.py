"""Starts the whole site on one machine, to try it out: its own PostgreSQL, secrets, web server and worker."""
