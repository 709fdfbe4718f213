"""How hypothesis is run: a slow machine is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("cpplsp", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("cpplsp")
