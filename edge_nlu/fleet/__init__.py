"""The other end of sync, on a server: rounds over many homes, the privacy spent, packs signed.

No home is asked for more than it offers, and nothing that only few homes have in common is ever
told to the others.
"""

import os

# unless it is told not to before it loads, Flower tells its makers what it is used for, and asks for news
os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")
