#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A project's share of the sums goes where the project goes: from one
department to another, and out with a withdrawal."""
import frames
import msgpack
from harness import COUNTERS, EndToEnd, Shard, main

IDENTITY = ("v", "job_id", "source", "mof_div_code", "fiscal_year", "pro_code",
            "revision")
FORMS, EXECUTED = COUNTERS.index("forms"), COUNTERS.index("executed_fen")


class Departments(EndToEnd):
    def setUp(self):
        super().setUp()
        self.door = self.submitter(self.daemon())
        self.submitted = 0
        for number in range(3):  # one in 002, two in 001
            self.put(number, 60000 + number, 1, "002" if number == 2 else "001")
        self.before, self.total = self.parts(), Shard(self.redis).counters

    def say(self, job):
        self.submitted += 1
        self.door.submit({self.submitted: msgpack.packb(job)})
        return self.door.answers[self.submitted][1]["outcome"]

    def put(self, number, executed, revision, department):
        return self.say({**frames.form(number, executed, revision),
                         "dept_code": department,
                         "dept_name": "部门" + department})

    def withdraw(self, number, revision):
        form = frames.form(number, 0, revision)
        return self.say({"kind": "withdraw", **{k: form[k] for k in IDENTITY}})

    def parts(self):
        """{dept_code: counters}, after all of it was added up anew."""
        shard = self.assert_sound()
        return {code.decode(): msgpack.unpackb(value)[1:]
                for code, value in shard.departments.items()}

    def share(self, number):
        """What a project adds, as its result has it."""
        code = frames.form(number, 0)["pro_code"]
        return Shard(self.redis).results[code][10]

    @staticmethod
    def sum(one, other, sign=1):
        return [a + sign * b for a, b in zip(one, other)]

    def test_a_project_moves_with_all_that_it_adds(self):
        share = self.share(0)
        self.assertEqual((share[FORMS], share[EXECUTED]), (1, 60000 * 100 * 100))
        self.assertEqual(self.put(0, 60000, 2, "002"), "superseded")
        parts = self.parts()
        self.assertEqual(self.share(0), share, "the same form but for its place")
        self.assertEqual(parts["001"], self.sum(self.before["001"], share, -1))
        self.assertEqual(parts["002"], self.sum(self.before["002"], share))
        self.assertEqual(Shard(self.redis).counters, self.total)

    def test_a_move_that_changes_the_form_as_well(self):
        old = self.share(0)
        self.put(0, 90000, 2, "002")
        new, parts = self.share(0), self.parts()
        self.assertNotEqual(old, new)
        self.assertEqual(parts["001"], self.sum(self.before["001"], old, -1))
        self.assertEqual(parts["002"], self.sum(self.before["002"], new))
        self.assertEqual(Shard(self.redis).counters,
                         self.sum(self.sum(self.total, old, -1), new))

    def test_the_last_one_leaves_no_department_behind(self):
        """There, and back to one that is new again."""
        share = self.share(2)
        self.put(2, 60002, 2, "003")
        self.assertEqual(self.parts(),
                         {"001": self.before["001"], "003": share})
        self.assertEqual(Shard(self.redis).counters, self.total)
        self.put(2, 60002, 3, "002")
        self.assertEqual(self.parts(), self.before)

    def test_a_withdrawal_takes_its_share_out(self):
        share = self.share(0)
        self.assertEqual(self.withdraw(0, 2), "withdrawn")
        self.assertEqual(self.parts(),
                         {**self.before,
                          "001": self.sum(self.before["001"], share, -1)})
        self.assertEqual(Shard(self.redis).counters,
                         self.sum(self.total, share, -1))

    def test_a_withdrawal_after_a_move_is_of_the_new_department(self):
        share = self.share(2)
        self.put(2, 60002, 2, "003")
        self.assertEqual(self.withdraw(2, 3), "withdrawn")
        self.assertEqual(self.parts(), {"001": self.before["001"]})
        self.assertEqual(Shard(self.redis).counters,
                         self.sum(self.total, share, -1))

    def test_a_withdrawn_project_comes_back_elsewhere(self):
        share = self.share(0)
        self.withdraw(0, 2)
        self.put(0, 60000, 3, "002")
        parts = self.parts()
        self.assertEqual(parts["001"], self.sum(self.before["001"], share, -1))
        self.assertEqual(parts["002"], self.sum(self.before["002"], share))
        self.assertEqual(Shard(self.redis).counters, self.total)


if __name__ == "__main__":
    main()
