"""What the commands of ``priorscope`` do; ``cli.py`` says how they are called."""
