"""Talking with a person: tickets of an office, who talks with a person now, and requests to be called back."""
