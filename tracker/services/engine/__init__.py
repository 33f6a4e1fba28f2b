"""The clock's round, the delivery of what is due, the conductor's message of the morning."""
