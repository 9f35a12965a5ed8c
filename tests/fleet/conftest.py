"""The server's side of a fleet: run in an environment that has the [fleet] extra, skipped elsewhere."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("flwr") else ["test_*.py"]
