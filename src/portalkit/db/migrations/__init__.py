"""The kernel's migrations, and the environment in which those of all owners run."""
