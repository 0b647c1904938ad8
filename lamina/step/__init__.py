"""One training step as a function, its capture, and the tiers that run it."""
