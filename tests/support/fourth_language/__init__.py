"""Adds a pseudo-language to a copy of the site, as docs/languages.md says, and walks through what it says in it."""
