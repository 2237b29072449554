"""What the hot paths cost, each against its raw limit in the same run. `python -m bench` prints one table."""
