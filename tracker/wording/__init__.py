"""How things are said, in each language: sentences, refusals, messages, events, dates."""
