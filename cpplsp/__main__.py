"""``python -m cpplsp`` is ``cpplsp``."""

import sys

from cpplsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
