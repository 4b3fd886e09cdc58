"""Reading XML of any syntax: parsed within limits, emptied by its readers, nothing lost."""
