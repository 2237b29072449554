"""The demo marketplace: three made-up shops, always the same, with dates relative to the day of the build."""
