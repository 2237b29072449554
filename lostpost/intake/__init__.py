"""Put orders, parcels and returns in, alone or by the thousand, with what is booked and announced for them."""
