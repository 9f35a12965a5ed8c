"""What hub, sync and fleet hand each other: heads of a model, signed metadata, messages.

They run as different processes, often in different versions, so everything here is read with
suspicion: a size, a shape or a version that was not expected is refused by name.
"""

HEADS = ("intent", "evidence", "ranker")
"""What homes can train together: what is meant, which device, which sentence for another."""
