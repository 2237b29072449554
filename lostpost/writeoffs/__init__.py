"""Write-offs of units lost in the mail."""
