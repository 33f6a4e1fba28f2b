"""Tasks: made, edited, answered, passed on, commented, shown to be done."""
