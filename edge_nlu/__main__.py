"""Let `python -m edge_nlu` do what `edge-nlu` does, for where the script is not on the path."""

from edge_nlu.cli import main

main()
