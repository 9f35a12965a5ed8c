"""What happens to one sentence, a step a file: each a function from one value to the next.

A step sees what it is given and nothing else: no clock, no network, no disk, no chance. So the
same sentence in the same home always gives the same decision, and any of them can be replayed.
"""
