"""Integrations and what they join: systems, members, checks, signatures, deadlocks, the launch."""
