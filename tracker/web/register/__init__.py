"""The register's page and its rows."""
