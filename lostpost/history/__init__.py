"""The history in Parquet files beside the live database, and what is counted from it."""
