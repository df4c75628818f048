"""The stage on the web: a page that works without JavaScript, and one stream by which it stays alive."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console.guard import Guard
from bot.console.views import StagePort
from bot.console.words import LANGUAGES, WORDS, called
from bot.metrics import page as figures_page

STATIC = Path(__file__).parent / "static"
COOKIE = "stage_language"
LONGEST_CODE = 64


def stage_pages(stage: StagePort, listen: str = "127.0.0.1:8080") -> Starlette:
    """Everything of the stage under `/sim`; `/` leads there.  It answers under the names of `listen` alone."""
    pages = _Pages(stage)
    routes = [
        Route("/", _to_stage),
        Route("/sim", pages.page),
        Route("/sim/events", pages.events),
        Route("/sim/act", pages.act, methods=["POST"]),
        Route("/sim/script", pages.script),
        Route("/sim/proof", pages.proof),
        Route("/sim/invitation.svg", _invitation),
        Route("/sim/shared", pages.shared),
        Route("/sim/coverage", pages.coverage),
        Route("/metrics", pages.metrics),
        Mount("/sim/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, listen=listen), Middleware(GZipMiddleware)])


async def _to_stage(_: Request) -> Response:
    return RedirectResponse("/sim", 302)


async def _invitation(request: Request) -> Response:
    """What somebody's telephone would read: the code as the bot gets it when the link is opened."""
    code = request.query_params.get("code", "")[:LONGEST_CODE]
    drawn = io.BytesIO()
    segno.make(f"/start {code}", error="m").save(drawn, kind="svg", scale=4, light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


class _Pages:
    """The page, its stream and its forms, over one stage."""

    def __init__(self, stage: StagePort) -> None:
        self._stage = stage
        self._templates = Environment(
            loader=PackageLoader("bot.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["called"] = called

    async def page(self, request: Request) -> Response:
        """The whole stage."""
        language, who = _language(request), request.query_params.get("who", "")
        view = await self._stage.look(language, who)
        refused = request.query_params.get("refused", "")
        told = request.query_params.get("told", "")
        response = self._render("stage.html", language, view=view, refused=refused, told=told)
        response.set_cookie(COOKIE, language, samesite="strict", max_age=31_536_000)
        return response

    async def events(self, request: Request) -> Response:
        """The live parts, sent whenever something happened."""
        language, who = _language(request), request.query_params.get("who", "")
        return StreamingResponse(
            self._stream(language, who), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def _stream(self, language: str, who: str) -> AsyncIterator[str]:
        template = self._templates.get_template("live.html")
        async for _ in self._stage.changes():
            view = await self._stage.look(language, who)
            html = template.render(view=view, words=WORDS[language], language=language)
            yield "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"

    async def act(self, request: Request) -> Response:
        """Do what a form asks for; without JavaScript back to the page, with it the stream brings the news."""
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        language = _language(request)
        answer = await self._stage.act(form, language)
        if request.headers.get("HX-Request"):
            said = {"refused": answer.refused, "told": answer.told}
            return self._render("notice.html", language, **said)
        query = {"who": form.get("who", ""), "refused": answer.refused, "told": answer.told}
        phone = (form.get("where") or form.get("actor", "")).replace(" ", "-")
        return RedirectResponse(f"/sim?{urlencode({k: v for k, v in query.items() if v})}#{phone}", 303)

    async def script(self, request: Request) -> Response:
        """The run so far, as a file."""
        text = await self._stage.script(request.query_params.get("story", ""))
        headers = {"Content-Disposition": 'attachment; filename="rehearsal.yaml"'}
        return PlainTextResponse(text, media_type="application/yaml", headers=headers)

    async def proof(self, request: Request) -> Response:
        """Every message of a module in both languages, side by side, for reading and printing."""
        modules, pages = await self._stage.proof(request.query_params.get("module", ""))
        chosen = request.query_params.get("module") or modules[0]
        return self._render("proof.html", _language(request), modules=modules, pages=pages, chosen=chosen)

    async def shared(self, request: Request) -> Response:
        """What a link holds, to be looked at before it is played."""
        run = request.query_params.get("run", "")
        found = self._stage.shared(run, _language(request))
        return self._render("shared.html", _language(request), run=run, steps=found.texts, refused=found.refused)

    async def coverage(self, request: Request) -> Response:
        """What no saved journey visits; they are all played for it, which takes some seconds."""
        answer, flows = await self._stage.unvisited(_language(request))
        return self._render("coverage.html", _language(request), flows=flows, refused=answer.refused)

    async def metrics(self, _: Request) -> Response:
        """The figures that the real bot gives its operator."""
        figures = await self._stage.figures()
        return Response(figures_page(lambda: figures), media_type="text/plain; version=0.0.4")

    def _render(self, name: str, language: str, **values: object) -> HTMLResponse:
        template = self._templates.get_template(name)
        given = {"words": WORDS[language], "language": language, "languages": LANGUAGES, **values}
        return HTMLResponse(template.render(given))


def _language(request: Request) -> str:
    """Asked for, remembered, or the first of the browser's that we know."""
    asked = [request.query_params.get("lang", ""), request.cookies.get(COOKIE, "")]
    spoken = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return next((language for language in (*asked, *spoken) if language in LANGUAGES), "ru")
