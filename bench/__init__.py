"""Measurements, side by side with a reference in the same run: `make bench`. Nothing here is a test."""
