"""How a page is asked for and how it answers, whatever it shows."""
