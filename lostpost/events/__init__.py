"""What happened in a shop, in order, for the programs of its partners."""
