"""The pure rules: frozen facts in, decisions and moments out; no session, clock, settings or I/O."""
