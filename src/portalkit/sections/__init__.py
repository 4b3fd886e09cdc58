"""Sections that come with the kernel, written with public imports only."""
