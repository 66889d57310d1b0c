"""The commands: adapters that read arguments, call the library and write files or lines; `cli` puts them together."""
