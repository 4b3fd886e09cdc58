"""A host of the portal: an oil mill that sells to shops."""
