"""What the nudge policy needs to know, and what it puts before the conductor."""
