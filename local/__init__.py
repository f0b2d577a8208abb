"""The product on one machine: emulated AWS services, a MediaConvert that really transcodes, and the same template.

Nothing here is deployed. `make help` lists the commands; `local.stack.Stack` is the way in for tests.
"""
