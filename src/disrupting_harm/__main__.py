"""`python -m disrupting_harm`: see `cli`. In a run of the workflow its warm process does the work."""

import sys

from disrupting_harm.warm import client

status = client.run("disrupting_harm.cli:main", sys.argv[1:])
if status is None:
    from disrupting_harm.cli import main

    main()
sys.exit(status)
