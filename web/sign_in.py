"""Where staff sign in: a token for a cookie. One page, with nothing from anywhere else."""

from html import escape
from string import Template
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from domain.staff import StaffMember
from domain.words import zh
from web.sessions import COOKIE, LASTS, Sessions
from web.staff import Staff

HERE = "/sign-in"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}
PAGE = Template("""<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lifeline 登录</title>
<style>
:root { color-scheme: light dark; font: 16px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 0; }
main { width: min(22rem, 90vw); display: grid; gap: 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
form { display: grid; gap: .75rem; }
label { display: grid; gap: .25rem; }
input, button { font: inherit; padding: .5rem .75rem; border-radius: .4rem; }
input { border: 1px solid #8888; }
button { background: #1a5fb4; color: #fff; border: 0; cursor: pointer; }
p { margin: 0; }
[role=alert] { color: #c01c28; }
</style>
<main>
<h1>Lifeline 订单中枢</h1>
$content
</main>
</html>
""")
FORM = """<form method="post" action="/sign-in">
<label>令牌
<input name="token" type="password" autocomplete="current-password" required autofocus>
</label>
<button>登录</button>
</form>"""
SIGNED_IN = Template("""<p>已登录:$name($role)</p>
<p>要在 Temporal 界面里看到订单内容,每个浏览器设置一次:点右上角的眼镜图标,选
<b>Use my browser setting</b>,地址填 <code>$codec</code>,打开
<b>Include cross-origin credentials</b>,再点 <b>Apply</b>。</p>
<form method="post" action="/sign-out"><button>退出</button></form>""")
REFUSED = '<p role="alert">令牌不对。请核对后重试,或请管理员查看设置里的 staff。</p>'

log = structlog.get_logger()


def sign_in_router(staff: Staff, sessions: Sessions) -> APIRouter:
    """Serve ``/sign-in`` and ``/sign-out``."""
    router = APIRouter(include_in_schema=False)

    @router.get(HERE)
    async def show(request: Request) -> HTMLResponse:
        member = staff.who(request)
        return _page(FORM if member is None else _greeting(member, f"{request.base_url}codec"))

    @router.post(HERE)
    async def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
        member = staff.with_token(token.strip())
        if member is None:
            log.warning("sign_in_refused")
            return _page(REFUSED + FORM, status.HTTP_401_UNAUTHORIZED)
        log.info("signed_in", who=member.name)
        answer = _back()
        answer.set_cookie(
            COOKIE,
            sessions.begin(member.name, token.strip()),
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    @router.post("/sign-out")
    async def sign_out() -> Response:
        answer = _back()
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer

    return router


def _back() -> Response:
    return RedirectResponse(HERE, status.HTTP_303_SEE_OTHER)


def _greeting(member: StaffMember, codec: str) -> str:
    return SIGNED_IN.substitute(name=escape(member.name), role=zh(member.role), codec=escape(codec))


def _page(content: str, code: int = status.HTTP_200_OK) -> HTMLResponse:
    return HTMLResponse(PAGE.substitute(content=content), code, HEADERS)
