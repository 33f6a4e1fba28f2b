"""The JSON client, /api/v1."""
