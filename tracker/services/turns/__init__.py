"""Whose turn it is, as stored moments; and how long each side was waited for."""
