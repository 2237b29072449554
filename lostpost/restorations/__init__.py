"""Restorations: customers who have the lost goods after all pay again."""
