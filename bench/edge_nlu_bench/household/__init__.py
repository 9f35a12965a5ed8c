"""Pretend households: people with wishes that only the judge knows, and the hub that has to guess them."""
