"""The databases that the front keeps things in."""

from tests.gateways.hubs import hub
from tests.mariadb import mariadb

__all__ = ["hub", "mariadb"]
