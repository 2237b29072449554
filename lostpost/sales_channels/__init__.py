"""The platforms on which shops sell: what is fetched from each, how that goes, and what could not be taken in."""
