"""A sheet becomes rows: looked at first, then applied, nothing lost and nothing doubled."""
