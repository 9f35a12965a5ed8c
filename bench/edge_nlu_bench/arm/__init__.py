"""ARM without a board: real arm64 code under emulation, counted, weighed and compared with x86.

What emulation gives is exact where it counts (instructions, bytes, decisions) and worthless where it is a
clock. Milliseconds are therefore predicted from counts, or measured by somebody who has the board.
"""
