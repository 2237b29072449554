"""The webhooks of platforms on which shops sell."""
