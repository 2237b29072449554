"""One action for many customer queries: previewed line by line, confirmed once, done one by one."""
