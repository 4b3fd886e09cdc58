"""The ``portalkit`` command."""
