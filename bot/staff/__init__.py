"""What staff of an office get: links, posters and cards."""
