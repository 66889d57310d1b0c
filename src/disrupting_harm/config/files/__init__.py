"""Settings files: reading YAML strictly, and telling what is wrong with file, line and key."""
