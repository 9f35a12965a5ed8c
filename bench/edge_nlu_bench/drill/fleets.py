"""The fleets of a drill: how large each is, what its server and its big hubs are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

LESSONS: Final = 300
ROUND_S: Final = {False: 90.0, True: 160.0}
"""So long a round waits for answers; for a sum alone it asks four times."""


FLEET: Final = """
folder = "{folder}/run"
certificates = "{folder}/certificates"
host = "127.0.0.1"
port = {port}
golden = "{folder}/golden"
loss = 0.02
rounds = {rounds}
round_s = {round_s}
fewest = {homes}
cohort = {homes}
most = 1.0
secagg = {secagg}
"""
UNPROMISED: Final = """
bound = 10.0
epochs = 5
lot = 1
pace = 0.05
"""
PROMISED: Final = """
strategy = "fedavgm"
epsilon = {epsilon}
delta = 0.001
cut = 0.1
bound = {bound}
epochs = 1
lot = 512
pace = 0.3
clip = 2.0
step = 30.0
momentum = 0.0
last = 10
repo = "{folder}/repo"
keys = "{folder}/keys"
"""
"""As docs/fleet.md recommends, for far fewer homes; who sees only a sum cannot cut what is in it."""

BOUND: Final = {False: 1.0, True: 0.1}
_HUB: Final = """
state_dir = "{folder}/state"

[sync]
url = "http://127.0.0.1:9/"
root = "{folder}/root.json"
folder = "{folder}/sync"

[sync.federated]
heads = ["intent"]
most_epsilon = {epsilon}
"""
SMALL_HUB: Final = f"""{_HUB}
server = "{{url}}"
ca = "{{kept}}/ca.pem"
certificate = "{{kept}}/hub.pem"
key = "{{kept}}/hub.key"
"""
BIG_HUB: Final = f"""{_HUB}
server = "https://{{link}}"
supernode = true
"""


class Size(NamedTuple):
    """How many homes of each kind there are, how many rounds, and how often each kind is killed in them."""

    hubs: int
    supernodes: int
    rounds: int
    kills: Mapping[str, int]
    secagg: bool = False


SIZES: Final = {
    # by whether the server sees a sum alone, and whether the drill is a quick one
    (False, False): Size(12, 2, 10, {"hub": 10, "supernode": 3, "server": 2}),
    (False, True): Size(12, 2, 5, {"hub": 4, "supernode": 1, "server": 1}),
    (True, False): Size(0, 4, 8, {"hub": 0, "supernode": 3, "server": 1}, secagg=True),
    (True, True): Size(0, 4, 4, {"hub": 0, "supernode": 1, "server": 1}, secagg=True),
}
