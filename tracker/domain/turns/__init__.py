"""Whose turn it is, and when it stalls."""
