"""Proves a deployed stack with a few short videos, and writes down what was expected and what was seen."""
