"""Many videos through a stack that does what AWS's documentation allows, and then some: events twice, late, out of
order or never, functions killed at work, throttling, answers that get lost, a MediaConvert that stops in the middle.

`plan` says what is uploaded and what befalls it, from a seed; `faults` are the misfortunes; `run` carries it out;
`verdict` looks whether every video came to its right end all the same.
"""

from local.chaos.run import Chaos, Outcome

__all__ = ["Chaos", "Outcome"]
