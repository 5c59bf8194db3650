"""The monthly report: which numbers may be published, what they say, and how they are written."""
