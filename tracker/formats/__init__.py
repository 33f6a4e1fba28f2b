"""Files that go in and out: calendars, sheets."""
