"""Commands about processes that may not see each other: they read the settings of the hub for them.

Sync, fleet and hub know nothing of one another; what each needs to be told is handed over here.
"""
