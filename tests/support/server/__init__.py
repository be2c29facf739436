"""Whole sites and the servers beside them."""
