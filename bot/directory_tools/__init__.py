"""Tools of the directory's editors: what is stale, tables to edit, differences, corrections that people reported."""
