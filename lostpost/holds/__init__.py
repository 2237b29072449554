"""Limits of what a shop may write off in a day, and holds that stop write-offs until Partnerservice has looked."""
