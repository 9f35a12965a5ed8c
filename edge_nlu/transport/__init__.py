"""How messages reach devices: a real broker, or a pretend home in memory that answers as one would.

Both makes keep the same promises, so what works in the pretend home is not a special case. A
command is never retained and never queued while the broker is away: a lamp must not turn on an
hour late.
"""
