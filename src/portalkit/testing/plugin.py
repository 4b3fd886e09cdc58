"""The pytest plugin of portalkit: fixtures for those who test plugins and hosts."""
