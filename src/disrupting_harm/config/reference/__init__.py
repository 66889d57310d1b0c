"""Reference: the page of all settings, the template of a country's file, the schemas for editors."""
