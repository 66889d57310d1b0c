"""`python -m disrupting_harm`: see `cli`. In a run of the workflow its warm process does the work."""

import os
import sys

from disrupting_harm.running.warm import client


def start_as_in_a_run() -> None:
    """Where a command is called by hand, start once more with the environment of a run: it gives the same bytes."""
    from disrupting_harm.running.warm.start import ENVIRONMENT

    if os.name == "posix" and not ENVIRONMENT.items() <= os.environ.items():
        os.execve(sys.executable, sys.orig_argv, os.environ | ENVIRONMENT)


status = client.run("disrupting_harm.cli:main", sys.argv[1:])
if status is None:
    start_as_in_a_run()
    from disrupting_harm.cli import main

    main()
sys.exit(status)
