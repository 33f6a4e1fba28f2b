"""Who comes in and what they see: sessions, tokens, loading through the person, speaking for somebody."""
