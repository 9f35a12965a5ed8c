"""A study of what a fleet learns from real sentences, what it costs in rounds and bytes, and in privacy."""
