"""Messages: queued, foreseen, approved, stopped, worded, passed on by hand."""
