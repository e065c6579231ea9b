"""Priorscope's mathematics: VAEs, priors, estimators. Knows no web and no database."""
