"""`python -m disrupting_harm`: see `cli`."""

from disrupting_harm.cli import main

main()
