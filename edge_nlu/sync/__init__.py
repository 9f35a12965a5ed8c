"""The process that talks to the outside: signed packs in, private updates out, if the home takes part.

It is a process of its own because what reaches the network must neither be able to silence the
house nor to read what was said in it: it is handed numbers to send, never text.
"""
