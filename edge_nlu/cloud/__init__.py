"""Asking somebody outside, when the home allows it: text goes out, a reading or an answer comes back.

Off unless the settings name a backend. Neither the list of devices nor the state of the home ever
leaves, and what comes back is only a reading: what is done with it is decided at home.
"""
