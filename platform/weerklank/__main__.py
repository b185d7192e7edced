"""`python -m weerklank` is the command `weerklank`."""

import sys

from weerklank.cli import main

sys.exit(main())
