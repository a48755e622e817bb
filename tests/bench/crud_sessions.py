"""What the CRUD peers share: a pool of connections, and a session for each request."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_VARIABLE = "BENCH_DATABASE_URL"
POOL_VARIABLE = "BENCH_POOL_SIZE"
BEST_POOL_SIZE = 16  # 2 to 32 differ by noise only: the process is busy, not the pool


@asynccontextmanager
async def pooled(app: FastAPI) -> AsyncIterator[None]:
    """The lifespan of a peer."""
    pool_size = int(os.environ.get(POOL_VARIABLE, BEST_POOL_SIZE))
    engine = create_async_engine(os.environ[DATABASE_VARIABLE], pool_size=pool_size, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(open_session)]
