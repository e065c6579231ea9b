"""The HTTP interface: thin routes, a file for each noun."""
