"""Redirects a support agent to a new watch link for the visitor who reads out a lookup code."""

import logging
from contextlib import asynccontextmanager

import upscope
from fastapi import FastAPI, HTTPException, Request, responses


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with upscope.AsyncClient(timeout=10) as app.state.upscope:  # the API key is in UPSCOPE_API_KEY
        yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(upscope.UpscopeError)
async def upscope_error(request: Request, error: upscope.UpscopeError) -> responses.JSONResponse:
    logging.getLogger(__name__).error("%s: %s", error.code, error)  # the text is for the log, not for the agent
    statuses = {"invalid_argument": 422, "not_found": 404, "payment_required": 503, "rate_limited": 503, "timeout": 504}
    headers = {"Retry-After": str(round(error.retry_after))} if error.retry_after else None
    return responses.JSONResponse({"detail": error.code}, statuses.get(error.code, 502), headers)


@app.post("/watch/{code}")
async def watch(code: str, agent_id: str, request: Request) -> responses.RedirectResponse:
    agent, webhook_url = {"id": agent_id}, str(request.url_for("session_ended"))
    for visitor in await app.state.upscope.list_visitors(code):
        if visitor.lookup_code == code:
            link = await app.state.upscope.create_watch_url(visitor.short_id, agent=agent, webhook_url=webhook_url)
            return responses.RedirectResponse(link.watch_url, 303, {"Cache-Control": "no-store"})  # the link is secret
    raise HTTPException(404, "no visitor has this code")


@app.post("/webhook", status_code=204)
async def session_ended(request: Request) -> None:
    session = upscope.parse_webhook(await request.body())
    logging.getLogger(__name__).info("session %s ended after %s seconds", session.id, session.length_seconds)
