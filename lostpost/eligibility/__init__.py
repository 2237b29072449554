"""The policy in plain Python: facts in, all reasons out. No Django and no clock."""
