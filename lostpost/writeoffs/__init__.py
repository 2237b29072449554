"""Write-offs of units lost in the mail, and requests to Partnerservice."""
