"""The wire to Telegram: the connection, its pace, the way out, the threads behind it."""
