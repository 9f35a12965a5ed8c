"""Understand what people say at home, on the hub itself, and turn it into commands for devices.

One sentence travels one straight line: it is read once by a small model, paired with what the
devices of this home can do, ranked by how the home is right now, and then either done or asked
about. To find your way, read `values.py` first: it holds the nouns in the order they appear.
"""

import os

# onnxruntime as it is distributed tells its maker how it is used, unless this stands there before it loads
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
