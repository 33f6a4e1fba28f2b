"""The composition root of the server: pages, API, and beside them clock, delivery and bot."""
