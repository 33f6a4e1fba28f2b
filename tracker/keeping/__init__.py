"""Keeping what is there: backups, and proving that all is well."""
