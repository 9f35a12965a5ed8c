"""What a home teaches: how exchanges went, and what follows from that for the next ones.

Like the steps these are functions of values: what they learn from is handed in and what they
learned is handed back. When they run, and where the result is kept, is decided by the hub.
"""
