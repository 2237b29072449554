"""The REST API: what a marketplace's engineers build on."""
