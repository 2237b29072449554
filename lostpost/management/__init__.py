"""What an operator runs: the commands and what they share."""
