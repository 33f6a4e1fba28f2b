"""What the columns and words of a sheet mean."""
