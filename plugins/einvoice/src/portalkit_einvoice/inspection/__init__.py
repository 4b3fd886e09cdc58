"""``portalkit einvoice inspect``: what a file says, and whether its figures agree."""

from portalkit_einvoice.inspection.command import inspect_command

__all__ = ("inspect_command",)
