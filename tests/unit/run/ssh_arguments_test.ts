/** `ansible_ssh_common_args`, as inventories of Ansible have it. */

import { deepStrictEqual, throws } from "node:assert/strict";
import { sshArguments } from "../../../engine/run/ssh_arguments.ts";

const read = (text: string) => sshArguments("ansible_ssh_common_args", text);

Deno.test("jump hosts are read in each way that ssh takes them", () => {
  deepStrictEqual(read("-o ProxyJump=ops@bastion:2222,inner"), { jumps: ["ops@bastion:2222", "inner"] });
  deepStrictEqual(read("-J bastion"), { jumps: ["bastion"] });
  deepStrictEqual(read("-Jbastion"), { jumps: ["bastion"] });
  deepStrictEqual(read(`-o ProxyCommand="ssh -W %h:%p -q ops@bastion"`), { jumps: ["ops@bastion"] });
});

Deno.test("host keys may be checked in another way, and what aami does itself is passed over", () => {
  deepStrictEqual(read("-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"), {
    hostKeyChecking: "off",
    knownHosts: ["/dev/null"],
  });
  deepStrictEqual(read("-C -o ControlMaster=auto -o ControlPersist=60s"), {});
  deepStrictEqual(read(""), {});
});

Deno.test("an option that would be ignored is an error that says where to put it", () => {
  throws(() => read("-o KexAlgorithms=+x"), {
    message: `error: ansible_ssh_common_args: '-o KexAlgorithms=+x' is not understood
  help: put it into the ssh config; with connection: openssh the system's ssh reads all of it`,
  });
  throws(() => read("-F other"), /'-F other' is not understood/);
});
