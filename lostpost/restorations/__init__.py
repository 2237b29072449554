"""Payments that are restored because a parcel was found after all."""
