"""Tells the operator how the site is: metrics, mails about what is amiss, and a sign of life."""
