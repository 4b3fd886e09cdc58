"""Demo data: a pure function of one anchor date, so that it is the same every time."""

from example_app.data.demo import demo_data
from example_app.data.values import Demo, DemoBusiness, DemoContact, DemoPerson, DemoStaff

__all__ = ("Demo", "DemoBusiness", "DemoContact", "DemoPerson", "DemoStaff", "demo_data")
