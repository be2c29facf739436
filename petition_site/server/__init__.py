"""The web server: its options, its worker class, and logs that name nobody."""
