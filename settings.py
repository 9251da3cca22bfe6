"""The only reader of the environment and of ``lifeline.toml``. Units are in the names.

Without a file everything points at the sandbox of partners on this machine, with its public test
credentials. ``lifeline.example.toml`` explains each setting; an environment variable such as
``LIFELINE_TIME__SPEED`` overrides the file.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from domain.pace import Pace
from domain.staff import Role

SOONEST_RECONCILIATION = timedelta(seconds=15)
SANDBOX = "http://127.0.0.1:8090"
FRONT = "http://127.0.0.1:8080"


class Section(BaseModel):
    """A table of the file; a key that nobody knows is an error, not a silent typo."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Engine(Section):
    """Where Temporal is."""

    profile: str = ""  # a temporalio.envconfig profile; empty starts the embedded engine
    port: int = 7233
    ui_port: int = 8233
    namespace: str = "default"
    task_queue: str = "lifeline"


class Web(Section):
    """Where the front process listens."""

    host: str = "127.0.0.1"
    port: int = 8080


class Hub(Section):
    """The hub's own database: inbox, order book, labels."""

    url: str = "sqlite:///var/hub.sqlite"


class StockNames(Section):
    """How the merchant's stock database calls things."""

    item_table: str = "stock_item"
    lock_table: str = "stock_lock"
    warehouse: str = "warehouse"
    sku: str = "sku"
    on_hand: str = "on_hand"
    locked: str = "locked"
    safety: str = "safety"


class Stock(Section):
    """The warehouse's own stock database."""

    url: str = "sqlite:///var/stock.sqlite"
    names: StockNames = StockNames()
    through_wms: tuple[str, ...] = ("HZ-YH",)  # warehouses whose stock is read from the WMS
    wms_cache_seconds: float = 2.0


class Time(Section):
    """How long the business waits. ``speed`` divides all of it, and the sandbox's world clock."""

    speed: float = Field(default=1.0, gt=0)
    hold_retry_minutes: float = 30
    hold_limit_hours: float = 48
    scan_silence_hours: float = 72
    poll_interval_hours: float = 4
    invoice_poll_minutes: float = 10
    erp_poll_minutes: float = 120
    after_sale_days: float = 7
    receipt_limit_hours: float = 72
    reconcile_minutes: float = 5
    patience_seconds: float = 300  # real seconds, whatever the speed

    def reconcile_every(self) -> timedelta:
        """Tell how often each channel is asked what changed; platforms mind being asked."""
        return max(timedelta(minutes=self.reconcile_minutes) / self.speed, SOONEST_RECONCILIATION)

    def reconcile_overlap(self) -> timedelta:
        """Tell how far each look reaches back: twice as far as the looks are apart."""
        return 2 * self.reconcile_every()

    def pace(self) -> Pace:
        """Tell the durations as the clock on the wall will see them."""
        return Pace(
            hold_retry=timedelta(minutes=self.hold_retry_minutes) / self.speed,
            hold_limit=timedelta(hours=self.hold_limit_hours) / self.speed,
            scan_silence=timedelta(hours=self.scan_silence_hours) / self.speed,
            poll_interval=timedelta(hours=self.poll_interval_hours) / self.speed,
            invoice_poll=timedelta(minutes=self.invoice_poll_minutes) / self.speed,
            after_sale=timedelta(days=self.after_sale_days) / self.speed,
            patience=timedelta(seconds=self.patience_seconds),
            erp_poll=timedelta(minutes=self.erp_poll_minutes) / self.speed,
            receipt_limit=timedelta(hours=self.receipt_limit_hours) / self.speed,
        )


class Channel(Section):
    """One sales channel: where it is, and who we are there. What it says is in ``channels/``.

    Attributes:
        url: Its API, without the call's own path.
        socket_url: Where its messages are fetched, for channels that do not call us.
        account: client_id, app_key, or however the channel calls it.
        shop: mall_id, kdt_id, shop_id.
        token: An access token that was got by hand, where the mapping fetches none.
        more: Further secrets that the mapping names.
    """

    enabled: bool = True
    url: str = ""
    socket_url: str = ""
    account: str = ""
    secret: SecretStr = SecretStr("")
    shop: str = ""
    token: SecretStr = SecretStr("")
    more: dict[str, SecretStr] = {}


CHANNELS: dict[str, Channel] = {
    "pinduoduo": Channel(
        url=f"{SANDBOX}/pinduoduo/api/router",
        socket_url=f"{SANDBOX}/pinduoduo/message",
        account="sandbox-pdd-client",
        secret=SecretStr("sandbox-pdd-secret"),
        shop="7001001",
        token=SecretStr("sandbox-pdd-token"),
    ),
    "douyin": Channel(
        url=f"{SANDBOX}/douyin",
        account="sandbox-dd-app",
        secret=SecretStr("sandbox-dd-secret"),
        shop="7001002",
    ),
    "youzan": Channel(
        url=f"{SANDBOX}/youzan",
        account="sandbox-yz-client",
        secret=SecretStr("sandbox-yz-secret"),
        shop="7001003",
    ),
    "miniprogram": Channel(
        url=f"{SANDBOX}/miniprogram",
        account="lifeline",
        secret=SecretStr("sandbox-miniprogram-secret"),
    ),
}


class Sf(Section):
    """SF Express (protocols 4)."""

    url: str = f"{SANDBOX}/sf/std/service"
    partner_id: str = "SANDBOXSF"
    check_word: SecretStr = SecretStr("sandbox-sf-check-word")
    monthly_card: str = "7551234567"
    express_type_id: int = 2  # the product that the contract names (protocols 4.2)
    push_path_secret: SecretStr = SecretStr("sandbox-sf-path")  # SF does not sign its pushes


class Kuaidi100(Section):
    """Every other carrier, through kuaidi100 (protocols 8.1)."""

    query_url: str = f"{SANDBOX}/kuaidi100/poll/query.do"
    subscribe_url: str = f"{SANDBOX}/kuaidi100/poll"
    order_url: str = f"{SANDBOX}/kuaidi100/label/order"
    customer: str = "SANDBOXK100"
    key: SecretStr = SecretStr("sandbox-k100-key")
    secret: SecretStr = SecretStr("sandbox-k100-secret")
    salt: SecretStr = SecretStr("sandbox-k100-salt")
    callback_url: str = f"{FRONT}/hooks/kuaidi100"


class Qimen(Section):
    """The WMS, through Qimen (protocols 10.1)."""

    url: str = f"{SANDBOX}/qimen/router/qimen/service"
    app_key: str = "sandbox-qimen-app"
    secret: SecretStr = SecretStr("sandbox-qimen-secret")
    customer_id: str = "LIFELINE"
    owner_code: str = "LIFELINE"
    shop_nick: str = "Lifeline 生鲜"


class Nuonuo(Section):
    """E-invoices (protocols 9.1)."""

    url: str = f"{SANDBOX}/nuonuo/open/v1/services"
    token_url: str = f"{SANDBOX}/nuonuo/accessToken"
    app_key: str = "sandbox-nuonuo-app"
    secret: SecretStr = SecretStr("sandbox-nuonuo-secret")
    seller_tax_no: str = "91330100MA27XYZ123"
    seller_name: str = "杭州沙箱生鲜有限公司"
    seller_tel: str = "0571-88888888"
    seller_address: str = "浙江省杭州市西湖区文三路 90 号"
    drawer: str = "财务一号"
    goods_tax_code: str = "1030201030000000000"
    tax_rate_percent: int = 9


class Kingdee(Section):
    """Kingdee K3 Cloud (protocols 5.1, 5.2); ``mode`` says how to sign in."""

    url: str = f"{SANDBOX}/kingdee"
    mode: Literal["login", "signed"] = "login"
    account_id: str = "5f3a0000000001"
    username: str = "lifeline"
    password: SecretStr = SecretStr("sandbox-kingdee-password")
    app_id: str = "200001_Q2VydGFpbmx5Tm90QVJlYWxTZWNyZXQw"
    app_secret: SecretStr = SecretStr("sandbox-kingdee-app-secret")
    org_number: str = "100"
    account_book: str = "001"
    voucher_group: str = "PZZ1"
    receivable_account: str = "1122"
    revenue_account: str = "6001"
    tax_account: str = "2221.01.02"
    tax_rate_percent: int = 9
    risk_category: str = "GFXKH"  # of the auxiliary records that name buyers of high risk


class Erp(Section):
    """The merchant's ERP; how an order is written for it is in ``rules/erp.yaml``."""

    enabled: bool = True
    url: str = f"{SANDBOX}/erp/api/orders"
    headers: dict[str, SecretStr] = {"X-Auth-Token": SecretStr("sandbox-erp-token")}


class Mes(Section):
    """The MES that tells when goods which are made to order are ready."""

    token: SecretStr = SecretStr("sandbox-mes-token")  # in the header X-MES-Token of its pushes
    folder: Path = Path("var/mes")  # where it may put CSV files instead


class Wecom(Section):
    """The WeCom robot that calls people (protocols 6)."""

    url: str = f"{SANDBOX}/wecom/cgi-bin/webhook/send"
    key: SecretStr = SecretStr("sandbox-wecom-key")


class WecomApp(Section):
    """The WeCom app whose cards the risk officers answer (protocols 6)."""

    url: str = f"{SANDBOX}/wecom_app"
    corp_id: str = "ww-sandbox-corp"
    agent_id: int = 1000002
    secret: SecretStr = SecretStr("sandbox-wecom-app-secret")
    token: SecretStr = SecretStr("sandboxWecomToken")  # signs the callbacks
    aes_key: SecretStr = SecretStr("c2FuZGJveC13ZWNvbS1hcHAtYWVzLWtleS0zMmJ5dGU")
    officers: tuple[str, ...] = ("fengkong",)  # userids; nobody else may answer a card


class Printers(Section):
    """Label printers by warehouse, ``host:port``; without an entry, the sandbox's."""

    addresses: dict[str, str] = {}
    sandbox_first_port: int = 9101  # the n-th warehouse's printer listens on this port + n
    dots_per_mm: int = 8


class Label(Section):
    """What the label says about us."""

    sender_name: str = "Lifeline 生鲜"
    sender_phone: str = "4008000000"
    sender_address: str = "浙江省杭州市拱墅区祥园路 88 号"  # where returns go to
    font: Path | None = None  # a TTF or OTF with Chinese glyphs; the bundled one otherwise


class Sandbox(Section):
    """The sandbox of partners on this machine."""

    enabled: bool = True
    port: int = 8090


class Keys(Section):
    """The keys that seal payloads in Temporal and tokens in the hub's database."""

    current: str = "sandbox"  # seals what is new; the others still open what they sealed
    ring: dict[str, SecretStr] = {  # base64 of 32 bytes each
        "sandbox": SecretStr("c2FuZGJveC1rZXktZG8tbm90LXVzZS1pbi1wcm9kISE=")
    }


class Member(Section):
    """One of the staff: what they may do, and what proves who they are."""

    role: Role
    token: SecretStr = Field(min_length=16)  # a short one can be guessed


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="LIFELINE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    var: Path = Path("var")
    buyer_secret: SecretStr = SecretStr("sandbox-buyer-key-secret")  # keys the buyers' hash
    engine: Engine = Engine()
    web: Web = Web()
    hub: Hub = Hub()
    stock: Stock = Stock()
    time: Time = Time()
    channels: dict[str, Channel] = CHANNELS
    sf: Sf = Sf()
    kuaidi100: Kuaidi100 = Kuaidi100()
    qimen: Qimen = Qimen()
    nuonuo: Nuonuo = Nuonuo()
    kingdee: Kingdee = Kingdee()
    erp: Erp = Erp()
    mes: Mes = Mes()
    wecom: Wecom = Wecom()
    wecom_app: WecomApp = WecomApp()
    printers: Printers = Printers()
    label: Label = Label()
    sandbox: Sandbox = Sandbox()
    keys: Keys = Keys()
    staff: dict[str, Member] = {  # by the name that goes on record
        "demo": Member(role=Role.ADMIN, token=SecretStr("sandbox-staff-token"))
    }

    @model_validator(mode="before")
    @classmethod
    def _addresses_follow_ports(cls, said: dict[str, Any]) -> dict[str, Any]:
        """Let addresses that nobody gave point at where our sandbox and our front listen."""
        moved = {SANDBOX: _listening(said, "sandbox", 8090), FRONT: _listening(said, "web", 8080)}
        for name, field in cls.model_fields.items():
            given = said.get(name, {})
            if isinstance(field.default, Section) and isinstance(given, dict):
                followed = {
                    key: address.replace(old, new)
                    for key, address in field.default
                    for old, new in moved.items()
                    if isinstance(address, str) and address.startswith(old)
                }
                said[name] = {**followed, **given}
        said["channels"] = _channels(said.get("channels", {}), moved)
        return said

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the caller beat the environment, and the environment the file."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=Path("lifeline.toml"))
        return init_settings, env_settings, file, file_secret_settings


def _listening(said: dict[str, Any], section: str, usual: int) -> str:
    given = said.get(section, {})
    port = given.get("port", usual) if isinstance(given, dict) else given.port
    return f"http://127.0.0.1:{port}"


def _channels(given: dict[str, Any], moved: dict[str, str]) -> dict[str, Any]:
    """Lay what the file says of a channel over what we know of the sandbox's."""
    known = {
        name: {
            key: _moved(value, moved) if isinstance(value, str) else value for key, value in channel
        }
        for name, channel in CHANNELS.items()
    }
    names = [*known, *(name for name in given if name not in known)]
    return {name: {**known.get(name, {}), **_told(given.get(name, {}))} for name in names}


def _told(channel: object) -> dict[str, Any]:
    return dict(channel) if isinstance(channel, dict | Channel) else {}


def _moved(address: str, moved: dict[str, str]) -> str:
    for old, new in moved.items():
        address = address.replace(old, new)
    return address
