"""Telegram's client of the tracker."""
