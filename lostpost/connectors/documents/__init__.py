"""Documents that are created by a job after the commit of what they document."""
