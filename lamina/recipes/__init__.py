"""Whole trainings that reach the records of their field: short programs, public names only."""
