"""Looks for whatever an operator can get wrong, and says how to mend it; changes nothing."""
