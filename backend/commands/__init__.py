"""What the commands do; ``cli.py`` and ``data_cli.py`` say how they are called."""
