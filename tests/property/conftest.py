"""How properties are tried."""

from hypothesis import settings

# a busy machine is no defect; where time matters a test says so itself
settings.register_profile("home", deadline=None)
settings.load_profile("home")
