"""The browser's client."""
