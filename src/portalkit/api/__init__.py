"""The API of the business's own systems: versioned, with keys, described by OpenAPI."""
