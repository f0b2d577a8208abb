"""The one error that a person sees."""


class LocalError(Exception):
    """What went wrong and what to do next, in a sentence or two. Printed without a traceback."""
