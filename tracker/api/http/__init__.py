"""How the API is asked and how it answers, whatever it is about."""
