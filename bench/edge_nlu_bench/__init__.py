"""Measure edge-nlu as its users meet it: how right, how fast, how big, and how it takes bad days.

Every figure comes from the public pieces, with the command that shows it, and says on which
machine it was taken. A figure that cannot be repeated is left out.
"""
