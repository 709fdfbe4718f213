"""Which unit next, in which worker, and how many workers: pure functions of values, and a thin shell of processes."""
