"""A fleet that gives packs away, hubs that take them, and everything that can go wrong between them."""
