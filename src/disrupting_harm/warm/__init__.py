"""Warm execution: one process imports the heavy libraries once, and forks for each command and each kernel.

`start` is called when a run starts its jobs; `server` is the process that forks; `client` asks it for a command;
`kernel` lets papermill's kernels come from it. Without such a process (other systems than Linux, a command
called by hand) everything starts cold, with the same result.
"""
