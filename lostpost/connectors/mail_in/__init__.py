"""The ways in for e-mail: a server of ours, a mail server's pipe, a signed webhook."""
