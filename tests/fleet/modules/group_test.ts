import { testModule } from "./harness.ts";

testModule("group", [
  {
    name: "a group with a number",
    args: "{ name: render, gid: 4001 }",
    changes: ["group render state: absent -> present"],
    verify: "getent group render | grep -q '^render:x:4001:$'",
    result: { name: "render", gid: 4001, state: "present" },
    drift: [
      { name: "it was removed", by: "groupdel render" },
      { name: "its number changed", by: "groupmod -g 4002 render" },
    ],
  },
  {
    name: "a system group takes a low number",
    args: "{ name: exporters, system: true }",
    verify: 'test "$(getent group exporters | cut -d: -f3)" -lt 1000',
  },
  {
    name: "a group that is there keeps its number and members",
    prepare: "groupadd -g 4100 team; usermod -aG team ops",
    args: "name: team",
    changes: [],
    verify: "getent group team | grep -q '^team:x:4100:ops$'",
    result: { gid: 4100 },
  },
  {
    name: "a group is removed",
    args: "{ name: team, state: absent }",
    changes: ["group team state: present -> absent"],
    verify: "! getent group team",
    drift: [{ name: "it came back", by: "groupadd team" }],
  },
  {
    name: "a number that another group has is refused",
    args: "{ name: second, gid: 4001 }",
    fails: /groupadd -g 4001 second failed with exit status 4:\n.*already exists/s,
  },
  {
    name: "a number may be shared when asked for",
    args: "{ name: second, gid: 4001, non_unique: true }",
    verify: "getent group second | grep -q ':4001:'",
  },
  {
    name: "the primary group of a user is not removed",
    args: "{ name: ops, state: absent }",
    fails: /cannot remove the primary group of user 'ops'/,
  },
]);
