"""Servers that stand beside each other on several machines, all on this one."""
