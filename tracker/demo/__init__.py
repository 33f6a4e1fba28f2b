"""The demo: a house with a story, how to get into it, and a large made-up one for measurements."""
