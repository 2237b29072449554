"""Read e-mails that anybody may have written: plain Python, to be run in a process of its own with limits."""
