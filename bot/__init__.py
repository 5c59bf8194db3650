"""Wegweiser: channels, understanding, speech and memory around a Rasa agent."""
