"""Declarations of non-arrival: the customer signs, by name and day, that a parcel did not come."""
