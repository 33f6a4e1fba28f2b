"""Meetings: planned, joined, closed with next steps, carried over; and the calendar feeds."""
