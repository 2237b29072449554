"""The European Central Bank: exchange rates of the day."""
