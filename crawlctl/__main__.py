"""`python -m crawlctl`."""

import sys

from crawlctl.cli import main

sys.exit(main())
