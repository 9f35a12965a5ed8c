"""Print what integrations of Home Assistant need, with all that they depend on.

Run by the Python that has Home Assistant, which otherwise fetches them as it starts.
"""

import json
from pathlib import Path

import homeassistant

STARTED = (
    "frontend",
    "backup",
    "zeroconf",
    "recorder",
    "energy",
    "hardware",
    "network",
    "system_health",
    "camera",
)
ASKED_FOR = ("mqtt", "mqtt_statestream", "wyoming", "conversation", "config", "onboarding", "input_boolean")

if __name__ == "__main__":
    waiting, seen, needed = [*STARTED, *ASKED_FOR], set(), set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            file = Path(homeassistant.__file__).parent / "components" / name / "manifest.json"
            manifest = json.loads(file.read_text())
            waiting += manifest.get("dependencies", [])
            needed.update(manifest.get("requirements", []))
    print("\n".join(sorted(needed)))
