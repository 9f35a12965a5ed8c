"""What somebody would use instead, each in an environment of its own, on the same sentences and homes.

What is run there imports nothing of edge-nlu: it is told in a file of JSON what to do, and prints what
came of it.
"""
