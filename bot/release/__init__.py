"""A model as it leaves the machine it was trained on: packed, signed, checked, delivered."""
