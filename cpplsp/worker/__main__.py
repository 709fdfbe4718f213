"""``python -m cpplsp.worker``: the parent of all workers, started by ``scheduler.processes``."""

import sys

from cpplsp.worker.nursery import main

if __name__ == "__main__":
    sys.exit(main())
