"""Auftakt: the tracker for integration projects."""
