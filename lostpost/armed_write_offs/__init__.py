"""Write-offs confirmed before their day: done once their units are eligible, or disarmed by whatever happens before."""
