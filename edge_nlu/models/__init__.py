"""The model that reads a sentence: the pack it lies in, its word pieces, and the one pass through it.

A pack is a folder that is either whole or refused. It says itself which labels it knows, so code
and model can be changed apart from each other.
"""
