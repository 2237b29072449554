"""What is booked as sold: at hand-over, and by difference when an order is corrected."""
