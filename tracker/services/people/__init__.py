"""Persons, parties and projects: who belongs where, who is away, when a project speaks."""
