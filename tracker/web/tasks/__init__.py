"""A task's page, its edits in place, its answers and files."""
