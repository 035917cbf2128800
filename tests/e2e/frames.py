# SPDX-License-Identifier: Apache-2.0
"""Many forms, quickly: jobs as msgpack frames made from a few templates."""
import random

import msgpack

DEPARTMENTS = [("001", "区教育局"), ("002", "区卫生健康委"), ("003", "区民政局"),
               ("004", "区建设管理委"), ("005", "区水务局")]


def quantity(i, target, actual, weight, score):
    return {"level1": "产出指标", "level2": "数量指标", "name": f"完成数量{i}",
            "op": ">=", "target": str(target), "unit": "次",
            "actual": str(actual), "actual_unit": "次", "weight": str(weight),
            "score": str(score)}


def quality(level1, level2, name, weight):
    return {"level1": level1, "level2": level2, "name": name,
            "op": "qualitative", "target": "显著提升", "actual": "达成指标",
            "weight": str(weight), "score": str(weight)}


def form(number, executed, revision=1, division="310113000", year=2024):
    """A sound form; `executed` (in units of 0.01 of 1000.00) is its content."""
    code, name = DEPARTMENTS[number % len(DEPARTMENTS)]
    money = f"{executed // 100}.{executed % 100:02d}"
    row = {"opening": "1000.00", "budget": "1000.00", "executed": money}
    return {
        "v": 1, "kind": "evaluate", "job_id": f"j{number}.{revision}.{executed}",
        "source": "e2e", "mof_div_code": division, "fiscal_year": year,
        "pro_code": f"31011324T{number:012d}", "pro_name": f"项目{number}",
        "dept_code": code, "dept_name": name, "agency_name": name,
        "revision": revision, "funds": {"total": row},
        "indicators": [
            quantity(1, 100, 100, 25, 25), quantity(2, 100, 80, 25, 20),
            quality("效益指标", "社会效益指标", "服务能力", 30),
            quality("满意度指标", "服务对象满意度指标", "群众满意度", 10)]}


def frame(*arguments, **more):
    return msgpack.packb(form(*arguments, **more))


class Mixture:
    """`count` jobs of which a fifth are resubmissions: newer, same, older,
    conflicting. `best` knows what may be stored of each project in the end:
    {pro_code: (revision, {executed, …})}."""

    def __init__(self, count, seed):
        self.random = random.Random(seed)
        self.best, self.frames = {}, []
        fresh = count * 4 // 5
        for number in range(fresh):
            self.add(number, self.amount(), 2)
        for number in self.random.sample(range(fresh), count - fresh):
            self.again(number)
        self.random.shuffle(self.frames)

    def amount(self):
        return self.random.randrange(50000, 100001)

    def add(self, number, executed, revision):
        self.frames.append(frame(number, executed, revision))
        code = f"31011324T{number:012d}"
        before = self.best.get(code, (0, set()))
        if revision > before[0]:
            self.best[code] = (revision, {executed})
        elif revision == before[0]:
            before[1].add(executed)

    def again(self, number):
        (executed,) = self.best[f"31011324T{number:012d}"][1]
        kind = number % 4
        if kind == 0:
            self.add(number, self.amount(), 3)
        elif kind == 1:
            self.add(number, executed, 2)
        elif kind == 2:
            self.add(number, self.amount(), 1)
        else:
            self.add(number, executed - 1, 2)
