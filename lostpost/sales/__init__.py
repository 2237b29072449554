"""Sales: booked at hand-over, and by difference when an order is corrected."""
