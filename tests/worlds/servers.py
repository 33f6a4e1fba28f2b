"""Waiting for servers that tests start."""

import subprocess
import time

import httpx


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Until the server answers, or a minute has passed on a busy machine."""
    for _ in range(600):
        assert server.poll() is None, "the server has ended"
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
