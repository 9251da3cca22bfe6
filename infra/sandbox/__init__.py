"""The outside world in one process: partners that speak their true protocols.

Shares no code with the hub, so that neither can cover for the other's mistakes.
"""
