"""Runs tests that are coroutines, and gives each a scene of servers and connections that end with it."""
from __future__ import annotations

import asyncio
import inspect
from typing import Any, Iterator

import pytest

pytest.register_assert_rewrite("client")

from client import Connection
from server import Server

# A test as a whole, in seconds; its steps have deadlines of their own.
TEST_DEADLINE = 60.0


class Scene:
    def __init__(self) -> None:
        self.servers: list[Server] = []
        self.connections: list[Connection] = []

    def start(self, *config: str) -> Server:
        """A server with these lines in its configuration."""
        server = Server(*config)
        self.servers.append(server)
        return server

    async def connect(self, *servers: Server | str, **options: Any) -> Connection:
        connection = await Connection().open(*servers, **options)
        self.connections.append(connection)
        return connection

    async def end_connections(self) -> None:
        for connection in self.connections:
            await connection.close()


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    made = Scene()
    yield made
    for server in made.servers:
        request.node.add_report_section("teardown", f"log of {server.base}", server.log())
        asyncio.run(server.stop())


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}

    async def run() -> None:
        async with asyncio.timeout(TEST_DEADLINE):
            try:
                await pyfuncitem.obj(**arguments)
            finally:
                await arguments["scene"].end_connections()

    asyncio.run(run())
    return True
