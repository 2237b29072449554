"""Found parcels: what was written off as lost turns up after all, and somebody decides what follows."""
