"""portalkit: a customer portal that a business embeds in its own application."""
