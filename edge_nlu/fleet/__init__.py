"""The other end of sync, on a server: rounds over many homes, the privacy spent, packs signed.

No home is asked for more than it offers, and nothing that only few homes have in common is ever
told to the others.
"""
