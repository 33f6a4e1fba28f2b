"""The installation as a whole: its row and clock, leases, signs of life, the walk over the journal."""
