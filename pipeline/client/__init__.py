"""Makes one call over HTTP and says what came of it; the only room that reaches the network."""

from pipeline.client.calling import Client

__all__ = ["Client"]
