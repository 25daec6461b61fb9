"""`python -m fleetapp` is the `fleetapp` command."""

import sys

from fleetapp.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
