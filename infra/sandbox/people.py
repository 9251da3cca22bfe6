"""Invented buyers: who they are and where in Hangzhou they live, the same for the same seed."""

import math
import random

from infra.sandbox.goods import Spot, districts, warehouses
from infra.sandbox.ledger import Doc

CITY = "杭州市"
STREETS = {
    "上城区": ("延安路", "中山中路", "解放路", "河坊街"),
    "下城区": ("体育场路", "环城北路", "中山北路", "朝晖路"),
    "江干区": ("钱江路", "凯旋路", "秋涛北路", "新塘路"),
    "拱墅区": ("莫干山路", "湖墅南路", "大关路", "登云路"),
    "西湖区": ("文三路", "天目山路", "古墩路", "文一西路"),
    "滨江区": ("江南大道", "滨盛路", "江陵路", "网商路"),
    "萧山区": ("市心中路", "通惠中路", "金城路", "育才路"),
    "余杭区": ("临平大道", "南苑街", "藕花洲大街", "望梅路"),
}
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马沈俞"
GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华玉兰建国文婷宇欣晨雨佳"
LEADERS = tuple(f"L{n:02d}" for n in range(1, 9))
LED_SHARE = 0.7  # of the households, those that a group leader brought
RADIUS_M = 1950  # around the district's centre, below 2 km also after rounding
METRES_PER_DEGREE = 111_320


def receiver(chance: random.Random, *, by_the_warehouse: bool) -> Doc:
    """Invent a receiver; ``by_the_warehouse`` has an ambient warehouse within 2 km."""
    name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
    phone = f"13{chance.randrange(10**9):09d}"
    district = districts(CITY)[
        chance.choice(_near_ambient() if by_the_warehouse else _everywhere())
    ]
    spot = _somewhere_near(chance, district.spot)
    return {
        "name": name,
        "phone": phone,
        "province": district.province,
        "city": district.city,
        "district": district.name,
        "address": _address(chance, district.name),
        "longitude": spot.longitude,
        "latitude": spot.latitude,
    }


def leader(chance: random.Random) -> str | None:
    """Tell who brought a household, if anybody did."""
    return chance.choice(LEADERS) if chance.random() < LED_SHARE else None


def _everywhere() -> tuple[str, ...]:
    return tuple(STREETS)


def _near_ambient() -> tuple[str, ...]:
    """Tell the districts in whose very centre an ambient warehouse stands."""
    centres = [house.spot for house in warehouses() if "ambient" in house.bands]
    return tuple(name for name in STREETS if districts(CITY)[name].spot in centres)


def _address(chance: random.Random, district: str) -> str:
    street, number = chance.choice(STREETS[district]), chance.randrange(1, 400)
    building, unit, floor = chance.randrange(1, 25), chance.randrange(1, 4), chance.randrange(1, 18)
    return (
        f"{street} {number} 号 {building} 幢 {unit} 单元 {floor:02d}{chance.randrange(1, 5):02d} 室"
    )


def _somewhere_near(chance: random.Random, centre: Spot) -> Spot:
    away_m, angle = RADIUS_M * math.sqrt(chance.random()), chance.uniform(0, 2 * math.pi)
    north = away_m * math.cos(angle) / METRES_PER_DEGREE
    narrowing = math.cos(math.radians(centre.latitude))
    east = away_m * math.sin(angle) / METRES_PER_DEGREE / narrowing
    return Spot(
        longitude=round(centre.longitude + east, 6), latitude=round(centre.latitude + north, 6)
    )
