"""The web server: its options, its worker class, and logs without personal data."""
