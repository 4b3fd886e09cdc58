"""Opens PDFs in a process of its own.

A package of its own, so that this process loads the parser and nothing else: importing any
module of ``portalkit_einvoice`` would load the portal.
"""
