"""Carriers' own interfaces: asked about one parcel at a time."""
