"""The PostgreSQL that comes along, for those who have none."""
