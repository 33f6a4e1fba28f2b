"""The project's journal: what happened, in words, newest first."""
