"""Pages of what goes out, and the reminder by hand."""
