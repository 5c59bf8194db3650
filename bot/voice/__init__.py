"""Hearing and reading aloud with programs on this machine; both are off until a setting switches them on."""
