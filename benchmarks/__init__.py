"""Claims of speed and size, each as a ratio to a baseline of the same run."""
