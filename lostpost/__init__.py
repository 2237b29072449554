"""Lostpost: sellers of a marketplace write off shipments that were lost in the mail."""
