"""What an attacker sends, and that it does no harm."""
