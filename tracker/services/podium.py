"""What the podium shows over all projects that somebody conducts."""
