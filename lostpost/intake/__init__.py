"""Commands that store orders, parcels and returns, one or many, and book and announce the changes."""
