"""Write-offs of many orders at once: previewed line by line, held by limits, confirmed once, done one by one."""
