"""The pages that gather from all rooms: the conductor's podium and a person's own steps."""
