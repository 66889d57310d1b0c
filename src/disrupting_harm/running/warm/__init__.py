"""Warm execution: one process imports the heavy libraries once, and forks for each command.

`start` is called when a run starts its jobs; `server` is the process that forks; `client` asks it for a command.
Without such a process (other systems than Linux, a command called by hand) all starts cold, with the same result.
"""
