"""Pages of people, parties and projects, one's own settings, the door."""
