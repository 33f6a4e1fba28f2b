"""Pages of meetings: the plan, the room, the calendar's feed."""
