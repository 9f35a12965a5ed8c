"""The conventions that a disguise changes devices from and to, made apart from the hub's own bridges."""
