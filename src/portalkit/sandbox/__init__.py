"""Processes for hostile work: what they hold and cost is limited, and they reach nothing.

:mod:`~portalkit.sandbox.process` is the side that asks, :mod:`~portalkit.sandbox.child` the
side that answers.
"""
