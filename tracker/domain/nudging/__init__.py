"""Whom to ask, when, with what: the policy, the day's message, what is foreseen."""
