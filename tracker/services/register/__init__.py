"""The register: its page, its rows, its filters."""
