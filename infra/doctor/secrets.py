"""The secrets: can they be used, and are those that everybody knows still in use?"""

from collections.abc import Iterator

from gateways.key_ring import KeyRing, KeyRingFault
from infra.doctor.finding import Finding, fine, wrong
from settings import Settings

PUBLIC = Settings.model_construct()  # the defaults stand in the repository


def keys(settings: Settings) -> Finding:
    """Look whether the key ring can seal and open."""
    try:
        ring = KeyRing.of(settings.keys)
    except KeyRingFault as fault:
        return wrong("密钥", f"{fault}。")
    return fine("密钥", f"[keys] ring 有 {len(settings.keys.ring)} 把,当前用 {ring.current}")


def sandbox(settings: Settings) -> Finding:
    """Look whether a hub that works in earnest has a secret that is public."""
    if settings.sandbox.enabled:
        return fine("沙箱密钥", "在用沙箱,公开的测试密钥可以留着;上线前要换")
    left = list(_public(settings))
    if left:
        names = "、".join(left)
        return wrong(
            "沙箱密钥", f"沙箱已关闭,但 {names} 还是公开的默认值:请在 lifeline.toml 里换掉。"
        )
    return fine("沙箱密钥", "没有在用的公开默认密钥")


def _public(settings: Settings) -> Iterator[str]:
    """Tell the settings whose secret is the one in the repository."""
    if settings.buyer_secret == PUBLIC.buyer_secret:
        yield "buyer_secret"
    known = {member.token.get_secret_value() for member in PUBLIC.staff.values()}
    for name, member in settings.staff.items():
        if member.token.get_secret_value() in known:
            yield f"staff 的 {name}"
    sealing = settings.keys.ring.get(settings.keys.current)
    if sealing in PUBLIC.keys.ring.values():
        yield f"[keys] ring 的 {settings.keys.current}"
