"""The process that listens and acts: settings read, parts put together, tasks kept alive.

It must answer within its deadline when the network, the cloud or half the devices are gone, and
its memory has an upper bound. What is not needed for the next sentence is done later or elsewhere.
"""
