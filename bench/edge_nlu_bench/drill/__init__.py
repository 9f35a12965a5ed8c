"""A fleet of real processes on this machine, killed at random while it learns."""
