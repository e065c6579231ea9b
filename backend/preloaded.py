"""What processes that train need, imported before they are forked: see `fork_server`.

For the process that imports this it is all that it does by itself.
"""

import signal

from backend.starting import importing

# A service manager tells all processes of a service to end. This one must not go before those that
# it has forked, which store what they trained; when they and the server are gone, it ends.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
# A terminal does the same with Ctrl-C.
signal.signal(signal.SIGINT, signal.SIG_IGN)

# Frozen, it is no garbage that each of them would look through, and write to, once more.
with importing():
    import backend.training
    import backend.worker  # noqa: F401
