"""The gates, group by group; each target says which refusals are allowed, and what must hold of what gets through."""
