"""Errors, checks, names, randomness, dtypes and devices: what every floor may use."""
