"""Views over all packages for whoever works through many queries: reads only."""
