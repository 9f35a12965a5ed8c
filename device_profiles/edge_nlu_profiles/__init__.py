"""Profiles as data: what a kind of device can do and is called, and what a kind of hub can carry.

There is no code to find here. Anybody can add a kind of device by adding a file.
"""
