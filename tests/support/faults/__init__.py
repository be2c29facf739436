"""Servers that fail, and sites to fail with them."""
