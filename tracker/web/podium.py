"""The podium: the conductor's home over all own projects."""
